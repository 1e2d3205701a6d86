// The architecture, held by a test: which file may import which, no cycles, no long files, types/ without code.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, posix, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'tap'
import ts from 'typescript'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const MAX_LINES = 250
const STAGES = ['watch', 'build', 'shard', 'broadcast', 'inject', 'serve', 'reload', 'observe']

interface Source { readonly path: string, readonly text: string }

// Floors, from the ground up. A file imports from its own floor or from below.
const FLOORS: readonly (readonly [name: string, floor: number, has: RegExp])[] = [
  ['types', 0, /^types\/[\w-]+\.ts$/],
  ['ground', 1, /^lib\/(?:(?:options|errors|check|escape)\.ts$|options\/)/],
  ['stage', 2, new RegExp(`^lib/(${STAGES.join('|')})/`)],
  ['page', 2, /^lib\/browser\//],
  ['pipeline', 3, /^lib\/pipeline\.ts$/],
  ['index', 4, /^lib\/[\w-]+\.ts$/]
]

function placeOf (path: string) {
  const found = FLOORS.find(([, , has]) => has.test(path))
  return found === undefined ? undefined : { name: found[0], floor: found[1], folder: posix.dirname(path).split('/')[1] ?? '' }
}

/** Files a file imports, as paths from the project's root; packages are left out. */
function importsOf ({ path, text }: Source): string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
  return [...code.matchAll(/\bfrom\s+'([^']+)'|\bimport\s*\(?\s*'([^']+)'/g)]
    .map(match => (match[1] ?? match[2]) as string)
    .filter(name => name.startsWith('.'))
    .map(name => posix.join(posix.dirname(path), name).replace(/\.js$/, '.ts'))
}

/** Why `from` may not import `to`; `undefined` when it may. */
function objection (from: string, to: string): string | undefined {
  const [a, b] = [placeOf(from), placeOf(to)]
  if (a === undefined || b === undefined) return `${from} imports ${to}: no floor is given to ${a === undefined ? from : to}`
  if (b.name === 'page' && a.name !== 'page') return `${from} imports ${to}: what runs in the page is no part of the server`
  if (a.name === 'page' && b.name !== 'page' && b.name !== 'types') return `${from} imports ${to}: lib/browser imports only types/`
  if (b.floor > a.floor) return `${from} imports ${to}: imports only go down (index -> pipeline -> stages -> options, errors, check, escape -> types)`
  if (a.name === 'stage' && b.name === 'stage' && a.folder !== b.folder) {
    const shared = a.folder === 'shard' && to.startsWith('lib/build/executor/')
    if (!shared) return `${from} imports ${to}: stages never import one another; take it as a parameter, index.ts joins them`
  }
  return undefined
}

function cycleIn (graph: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const done = new Set<string>()
  const visit = (path: string, trail: string[]): string[] | undefined => {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path]
    if (done.has(path)) return undefined
    for (const next of graph.get(path) ?? []) {
      const found = visit(next, [...trail, path])
      if (found !== undefined) return found
    }
    done.add(path)
    return undefined
  }
  for (const path of graph.keys()) {
    const found = visit(path, [])
    if (found !== undefined) return found
  }
  return undefined
}

/** True when nothing of a file is left at run time. */
function isTypeOnly (text: string): boolean {
  const { outputText } = ts.transpileModule(text, { compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022, removeComments: true, verbatimModuleSyntax: true } })
  return outputText.trim() === '' || outputText.trim() === 'export {};'
}

function sources (folder: string): Source[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ts') && !name.endsWith('.d.ts'))
    .map(name => relative(ROOT, join(ROOT, folder, name)).split(sep).join('/'))
    .map(path => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }))
}

const files = [...sources('lib'), ...sources('types')]
const graph = new Map(files.map(file => [file.path, importsOf(file)]))

test('imports only go down, and stages never import one another', t => {
  t.ok(files.length > 30, 'the sources were found')
  for (const [path, imports] of graph) {
    t.strictSame(imports.flatMap(to => objection(path, to) ?? []), [], path)
  }
  t.end()
})

test('every relative import names an existing file by its .js name', t => {
  for (const { path, text } of files) {
    const bare = [...text.matchAll(/\bfrom\s+'(\.[^']*)'/g)].map(match => match[1] as string).filter(name => !name.endsWith('.js'))
    t.strictSame(bare, [], `${path}: without .js`)
    t.strictSame((graph.get(path) as string[]).filter(to => !existsSync(join(ROOT, to))), [], `${path}: missing`)
  }
  t.end()
})

test('there is no cycle', t => {
  t.equal(cycleIn(graph)?.join(' -> '), undefined)
  t.end()
})

test(`no file is longer than ${MAX_LINES} lines`, t => {
  const long = files.map(({ path, text }) => ({ path, lines: text.trimEnd().split('\n').length })).filter(({ lines }) => lines > MAX_LINES)
  t.strictSame(long.map(({ path, lines }) => `${path} has ${lines} lines: one file, one decision; cut it`), [])
  t.end()
})

test('types/ leaves nothing at run time', t => {
  for (const { path, text } of files.filter(file => file.path.startsWith('types/'))) t.ok(isTypeOnly(text), path)
  t.end()
})

test('the rules themselves see what they should', t => {
  const refused: readonly (readonly [string, string])[] = [
    ['lib/watch/native.ts', 'lib/build/queue.ts'],
    ['lib/serve/roots.ts', 'lib/inject/hook.ts'],
    ['lib/shard/plan.ts', 'lib/build/queue.ts'],
    ['lib/pipeline.ts', 'lib/index.ts'],
    ['lib/watch/native.ts', 'lib/pipeline.ts'],
    ['lib/options.ts', 'lib/watch/ignore.ts'],
    ['types/change.ts', 'lib/errors.ts'],
    ['lib/browser/client.ts', 'lib/errors.ts'],
    ['lib/serve/client.ts', 'lib/browser/client.ts'],
    ['lib/index.ts', 'lib/new-folder/thing.ts']
  ]
  for (const [from, to] of refused) t.match(objection(from, to), `${from} imports ${to}: `, `${from} -> ${to}`)
  const allowed: readonly (readonly [string, string])[] = [
    ['lib/index.ts', 'lib/pipeline.ts'],
    ['lib/pipeline.ts', 'lib/build/queue.ts'],
    ['lib/watch/native.ts', 'lib/watch/ignore.ts'],
    ['lib/shard/runner.ts', 'lib/build/executor/pool.ts'],
    ['lib/browser/client.ts', 'types/message.ts'],
    ['lib/options.ts', 'lib/errors.ts']
  ]
  for (const [from, to] of allowed) t.equal(objection(from, to), undefined, `${from} -> ${to}`)
  t.strictSame(cycleIn(new Map([['a', ['b']], ['b', ['c']], ['c', ['b']]])), ['b', 'c', 'b'])
  t.strictSame(importsOf({ path: 'lib/a/b.ts', text: "import type { X } from '../c.js'\nexport * from './d.js'\nawait import('./e.js')\nimport { x } from 'pkg'\n// from './no.js'" }),
    ['lib/c.ts', 'lib/a/d.ts', 'lib/a/e.ts'])
  t.notOk(isTypeOnly('export const x = 1'))
  t.notOk(isTypeOnly("import './x.js'"))
  t.end()
})
