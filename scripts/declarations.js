// Keeps the declarations that the entries lead to, removes all others, and adds those for CommonJS.
import { readdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'

const IMPORT = /(?:from|import\() ?['"](\.{1,2}\/[^'"]+)\.js['"]/g

/** `entries`: absolute paths of `.d.ts` files below `dist`. */
export async function pruneDeclarations (dist, entries) {
  const reached = new Set(entries)
  for (const file of reached) {
    for (const [, name] of (await readFile(file, 'utf8')).matchAll(IMPORT)) reached.add(`${resolve(file, '..', name)}.d.ts`)
  }
  const found = (await readdir(dist, { recursive: true })).map(name => join(dist, name))
  for (const file of found) {
    if (file.endsWith('.d.ts') && !reached.has(file)) await rm(file)
  }
  // The deepest first; a folder that is not empty stays.
  for (const path of found.sort().reverse()) {
    if (!path.endsWith('.d.ts')) await rmdir(path).catch(() => {})
  }
}

/**
 * Writes `name.d.cts` beside an entry: TypeScript does not take an ES module for what `require()` gives.
 * `main`: the export that `require()` returns, which carries all others. Without it `values` are the exports.
 */
export async function declareForRequire (entry, { main, values = [] }) {
  const types = await typesOf(entry)
  // By name: where `require()` of ES modules is known, their namespace is what `require()` returns.
  const imported = [...values, ...main === undefined ? [] : [main], ...types.map(({ name }) => name)].map(name => `${name} as ${name}_`)
  const aliases = types.map(({ name, parameters, given }) => `export type ${name}${parameters} = ${name}_${given}`)
  const text = main === undefined
    ? [...values.map(name => `export declare const ${name}: typeof ${name}_`), ...aliases]
    : [`declare const ${main}: typeof ${main}_ & { default: typeof ${main}_, ${main}: typeof ${main}_ }`, `declare namespace ${main} {`, ...aliases.map(line => `  ${line}`), '}', `export = ${main}`]
  await writeFile(entry.replace('.d.ts', '.d.cts'), [`import type { ${imported.join(', ')} } from './${basename(entry, '.d.ts')}.js' with { 'resolution-mode': 'import' }`, ...text, ''].join('\n'))
}

/** The types that an entry exports, also by way of other files, with the parameters of generic ones: `<E extends X>` and `<E>`. */
async function typesOf (entry) {
  const text = await readFile(entry, 'utf8')
  const types = [...text.matchAll(/export (?:declare )?(?:interface|type) (\w+)(<[^>=]+>)?/g)].map(([, name, parameters = '']) => ({ name, parameters, given: parameters.replace(/ extends [^,>]+/g, '') }))
  for (const [, kind, names, file] of text.matchAll(/export (type )?(\*|\{[^}]+\}) from ['"](.+)\.js['"]/g)) {
    const isListed = listOf(names, kind !== undefined)
    types.push(...(await typesOf(resolve(entry, '..', `${file}.d.ts`))).filter(({ name }) => isListed(name)))
  }
  return types
}

/** Tells which types `{ a, type B }` lists, and `{ B }` of `export type`. */
function listOf (names, isOfTypes) {
  if (names === '*') return () => true
  const listed = names.slice(1, -1).split(',').map(one => one.trim()).filter(one => isOfTypes || one.startsWith('type '))
  const types = new Set(listed.map(one => one.replace(/^type /, '')))
  return name => types.has(name)
}
