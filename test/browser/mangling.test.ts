// The build shortens names of properties that only our own page code knows. One that the language, the DOM or the wire knows too would break silently.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { test } from 'tap'
import ts from 'typescript'

const INTERNAL = JSON.parse(readFileSync(new URL('../../scripts/internal-names.json', import.meta.url), 'utf8')) as string[]
const CONFIG = fileURLToPath(new URL('../../lib/browser/tsconfig.json', import.meta.url))
const isOwn = (path: string): boolean => /\/lib\/browser\//.test(path.replaceAll('\\', '/'))

function nameOf (node: ts.Node): ts.Node | undefined {
  if (ts.isPropertyAccessExpression(node) || ts.isPropertyAssignment(node) || ts.isShorthandPropertyAssignment(node) || ts.isMethodDeclaration(node)) return node.name
  return ts.isBindingElement(node) ? node.propertyName ?? node.name : undefined
}

/** `file: name` of every property with a shortened name that is not declared in lib/browser. */
function foreignUses (program: ts.Program): string[] {
  const checker = program.getTypeChecker()
  const found: string[] = []
  for (const file of program.getSourceFiles().filter(({ fileName }) => isOwn(fileName))) {
    const visit = (node: ts.Node): void => {
      const name = nameOf(node)
      if (name !== undefined && ts.isIdentifier(name) && INTERNAL.includes(name.text)) {
        const symbol = ts.isBindingElement(node) ? checker.getTypeAtLocation(node.parent).getProperty(name.text) : checker.getSymbolAtLocation(name)
        const declared = (symbol?.declarations ?? []).map(each => each.getSourceFile().fileName)
        if (declared.length === 0 || !declared.every(isOwn)) found.push(`${file.fileName.replace(/.*\/lib\//, 'lib/')}: ${name.text}`)
      }
      ts.forEachChild(node, visit)
    }
    visit(file)
  }
  return found
}

test('no shortened name belongs to the language, the DOM or the wire', t => {
  const { config } = ts.readConfigFile(CONFIG, ts.sys.readFile)
  const { fileNames, options } = ts.parseJsonConfigFileContent(config, ts.sys, fileURLToPath(new URL('../../lib/browser', import.meta.url)))
  t.ok(fileNames.length > 30, 'the sources were found')
  t.strictSame(foreignUses(ts.createProgram(fileNames, options)), [])
  t.end()
})
