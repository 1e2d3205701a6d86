// What each entry exports as an ES module, its declarations for `require()` export too: a type that is missing there cannot be named in CommonJS.
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { test } from 'tap'
import ts from 'typescript'

interface Entry { readonly require: { readonly types: string }, readonly default: { readonly types: string } }

const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url))
const { exports } = JSON.parse(readFileSync(at('package.json'), 'utf8')) as { exports: Record<string, Entry | string> }
const entries = Object.entries(exports).flatMap(([name, entry]) => typeof entry === 'string' ? [] : [{ name, forImport: at(entry.default.types), forRequire: at(entry.require.types) }])
const files = entries.flatMap(({ forImport, forRequire }) => [forImport, forRequire])
const program = ts.createProgram(files, { module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ES2022, strict: true, noEmit: true, types: [] })
const checker = program.getTypeChecker()

/** Names, with `type` in front of those that are types alone. */
function exported (file: string): string[] {
  const source = program.getSourceFile(file) as ts.SourceFile
  const module = checker.getSymbolAtLocation(source) as ts.Symbol
  return checker.getExportsOfModule(module).map(symbol => {
    const { flags } = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
    return flags & ts.SymbolFlags.Value ? symbol.name : `type ${symbol.name}`
  })
}

/** `require()` of the main entry gives a function that carries the values as properties. */
const propertiesOf = (file: string): string[] => {
  const module = checker.getSymbolAtLocation(program.getSourceFile(file) as ts.SourceFile) as ts.Symbol
  const main = module.exports?.get(ts.InternalSymbolName.ExportEquals)
  return main === undefined ? [] : checker.getTypeOfSymbol(main).getProperties().map(({ name }) => name)
}

for (const { name, forImport, forRequire } of entries) {
  test(`${name}: the same exports for import and require`, t => {
    t.ok(existsSync(forRequire), 'it is built')
    const own = new Set([...exported(forRequire), ...propertiesOf(forRequire)])
    t.strictSame(exported(forImport).filter(one => one !== 'module.exports' && !own.has(one)), [])
    t.ok(own.size > 0, 'there are some')
    t.end()
  })
}
