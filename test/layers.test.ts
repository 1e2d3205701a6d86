// The architecture, held by a test: which file may import which, no cycles, short files and functions, small folders, types/ without code.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, posix, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'tap'
import ts from 'typescript'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const MAX_FILE_LINES = 250
const MAX_FUNCTION_LINES = 60
const MAX_FOLDER_ENTRIES = 15
const STAGES = ['watch', 'builds', 'classify', 'broadcast', 'inject', 'static', 'live']

interface Source { readonly path: string, readonly text: string }

// Floors, from the ground up. A file imports from its own floor or from below.
const FLOORS: readonly (readonly [name: string, floor: number, has: RegExp])[] = [
  ['types', 0, /^types\/[\w-]+\.ts$/],
  ['ground', 1, /^lib\/(?:errors\.ts$|shared\/|options\/)/],
  ['core', 3, /^lib\/(?:pipeline|live\/core)\.ts$/],
  ['stage', 2, new RegExp(`^lib/(${STAGES.join('|')})/`)],
  ['feature', 2, /^lib\/features\/[\w-]+\//],
  ['page', 2, /^lib\/browser\//],
  ['index', 4, /^lib\/(?:features\/)?[\w-]+\.ts$/],
  ['entry', 5, /^lib\/entries\/[\w-]+\//]
]

/** What an entry of `lib/entries` may import beside itself and the ground: stages, and entries below it. */
const ENTRIES: Readonly<Record<string, readonly string[]>> = {
  shards: ['builds'],
  distributed: ['builds', 'shards'],
  cli: ['builds', 'shards', 'distributed'],
  dev: [],
  testing: ['watch'],
  cluster: [],
  views: []
}

/** What a feature may import beside `types/` and its own folder. */
const FEATURE_HELPERS = /^lib\/(?:shared\/|errors\.ts$|options\/settings\.ts$)/

function placeOf (path: string) {
  const found = FLOORS.find(([, , has]) => has.test(path))
  if (found === undefined) return undefined
  const parts = path.split('/')
  return { name: found[0], floor: found[1], folder: (['feature', 'entry'].includes(found[0]) ? parts[2] : parts[1]) ?? '' }
}

/** Files a file imports, as paths from the project's root; packages are left out. */
function importsOf ({ path, text }: Source): string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
  return [...code.matchAll(/\bfrom\s+'([^']+)'|\bimport\s*\(?\s*'([^']+)'/g)]
    .map(match => (match[1] ?? match[2]) as string)
    .filter(name => name.startsWith('.'))
    .map(name => posix.join(posix.dirname(path), name).replace(/\.js$/, '.ts'))
}

/** Why `from` must not import `to`; `undefined` when it may. */
function objection (from: string, to: string): string | undefined {
  const [a, b] = [placeOf(from), placeOf(to)]
  if (a === undefined || b === undefined) return `${from} imports ${to}: no floor is given to ${a === undefined ? from : to}`
  if (b.name === 'page' && a.name !== 'page') return `${from} imports ${to}: what runs in the page is no part of the server`
  if (a.name === 'page' && b.name !== 'page' && b.name !== 'types') return `${from} imports ${to}: lib/browser imports only types/`
  if (b.floor > a.floor) return `${from} imports ${to}: imports only go down (index -> core, pipeline -> stages -> shared, options, errors -> types)`
  if (a.name === 'entry' && b.floor > 1 && a.folder !== b.folder && !ENTRIES[a.folder]?.includes(b.folder)) {
    return `${from} imports ${to}: beside the ground lib/entries/${a.folder} imports only ${ENTRIES[a.folder]?.join(', ')}`
  }
  if (a.name === 'feature' && b.name !== 'types' && !FEATURE_HELPERS.test(to) && !(b.name === 'feature' && a.folder === b.folder)) {
    return `${from} imports ${to}: a feature imports only types/, its own folder and ${FEATURE_HELPERS.source}`
  }
  if (b.name === 'feature' && a.name !== 'feature' && a.name !== 'index') return `${from} imports ${to}: the core never imports a feature`
  if (a.name === 'stage' && b.name === 'stage' && a.folder !== b.folder) return `${from} imports ${to}: stages never import one another; take it as a parameter, lib/live/core.ts joins them`
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

/** Functions longer than the limit, those they contain counted as part of them. */
function longFunctions ({ path, text }: Source): string[] {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true)
  const lineOf = (position: number) => file.getLineAndCharacterOfPosition(position).line + 1
  const found: string[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body !== undefined) {
      const [first, last] = [lineOf(node.getStart(file)), lineOf(node.end)]
      if (last - first + 1 > MAX_FUNCTION_LINES) found.push(`${path}:${first} has ${last - first + 1} lines`)
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  return found
}

function sources (folder: string): Source[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ts') && !name.endsWith('.d.ts'))
    .map(name => relative(ROOT, join(ROOT, folder, name)).split(sep).join('/'))
    .map(path => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }))
}

const files = [...sources('lib'), ...sources('types')]
const graph = new Map(files.map(file => [file.path, importsOf(file)]))

test('imports only go down, stages never import one another, features use the seam', t => {
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

test(`no file is longer than ${MAX_FILE_LINES} lines`, t => {
  const long = files.map(({ path, text }) => ({ path, lines: text.trimEnd().split('\n').length })).filter(({ lines }) => lines > MAX_FILE_LINES)
  t.strictSame(long.map(({ path, lines }) => `${path} has ${lines} lines: one file, one decision; cut it`), [])
  t.end()
})

test(`no function is longer than ${MAX_FUNCTION_LINES} lines`, t => {
  t.strictSame(files.flatMap(longFunctions), [])
  t.end()
})

test(`no folder has more than ${MAX_FOLDER_ENTRIES} entries`, t => {
  const folders = new Map<string, Set<string>>()
  for (const { path } of files) {
    const parts = path.split('/')
    for (let i = 1; i < parts.length; i++) {
      const folder = parts.slice(0, i).join('/')
      folders.set(folder, (folders.get(folder) ?? new Set()).add(parts[i] as string))
    }
  }
  t.strictSame([...folders].filter(([, entries]) => entries.size > MAX_FOLDER_ENTRIES).map(([folder, entries]) => `${folder} has ${entries.size} entries`), [])
  t.end()
})

test('the map in CONTRIBUTING.md names everything in lib', t => {
  const map = readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8')
  for (const name of readdirSync(join(ROOT, 'lib'))) t.match(map, `\`lib/${name}`, name)
  t.end()
})

test('types/ leaves nothing at run time', t => {
  for (const { path, text } of files.filter(file => file.path.startsWith('types/'))) t.ok(isTypeOnly(text), path)
  t.end()
})

test('the rules themselves see what they should', t => {
  const refused: readonly (readonly [string, string])[] = [
    ['lib/watch/watch.ts', 'lib/builds/scheduler/queue.ts'],
    ['lib/static/roots.ts', 'lib/inject/hook.ts'],
    ['lib/pipeline.ts', 'lib/index.ts'],
    ['lib/watch/watch.ts', 'lib/pipeline.ts'],
    ['lib/options/parse.ts', 'lib/watch/ignore/ignore.ts'],
    ['types/change.ts', 'lib/errors.ts'],
    ['lib/browser/client.ts', 'lib/errors.ts'],
    ['lib/live/client.ts', 'lib/browser/client.ts'],
    ['lib/index.ts', 'lib/new-folder/thing.ts'],
    ['lib/features/editor/index.ts', 'lib/features/overlay/index.ts'],
    ['lib/features/editor/index.ts', 'lib/broadcast/gate.ts'],
    ['lib/features/editor/index.ts', 'lib/options/parse.ts'],
    ['lib/live/core.ts', 'lib/features/overlay/index.ts'],
    ['lib/broadcast/hub.ts', 'lib/features/overlay/index.ts'],
    ['lib/live/live-reload.ts', 'lib/live/core.ts'],
    ['lib/features/editor/index.ts', 'lib/features/index.ts'],
    ['lib/entries/shards/sharded.ts', 'lib/watch/watch.ts'],
    ['lib/entries/shards/sharded.ts', 'lib/entries/distributed/runner.ts'],
    ['lib/entries/shards/sharded.ts', 'lib/index.ts'],
    ['lib/entries/distributed/runner.ts', 'lib/entries/cli/main.ts'],
    ['lib/builds/builds.ts', 'lib/entries/shards/sharded.ts'],
    ['lib/index.ts', 'lib/entries/shards/sharded.ts'],
    ['lib/entries/cli/main.ts', 'lib/live/core.ts'],
    ['lib/entries/dev/listen.ts', 'lib/live/core.ts']
  ]
  for (const [from, to] of refused) t.match(objection(from, to), `${from} imports ${to}: `, `${from} -> ${to}`)
  const allowed: readonly (readonly [string, string])[] = [
    ['lib/index.ts', 'lib/live/core.ts'],
    ['lib/features/index.ts', 'lib/features/overlay/index.ts'],
    ['lib/index.ts', 'lib/features/index.ts'],
    ['lib/live/core.ts', 'lib/broadcast/hub.ts'],
    ['lib/live/core.ts', 'lib/pipeline.ts'],
    ['lib/pipeline.ts', 'lib/builds/scheduler/queue.ts'],
    ['lib/watch/watch.ts', 'lib/watch/ignore/ignore.ts'],
    ['lib/features/editor/index.ts', 'lib/features/editor/launch.ts'],
    ['lib/features/editor/index.ts', 'lib/options/settings.ts'],
    ['lib/browser/client.ts', 'types/message.ts'],
    ['lib/options/parse.ts', 'lib/errors.ts'],
    ['lib/entries/shards/sharded.ts', 'lib/builds/executors/pool.ts'],
    ['lib/entries/shards/sharded.ts', 'lib/options/check.ts'],
    ['lib/entries/distributed/runner.ts', 'lib/entries/shards/sharded.ts'],
    ['lib/entries/cli/main.ts', 'lib/entries/distributed/runner.ts'],
    ['lib/entries/cli/main.ts', 'lib/builds/builds.ts'],
    ['lib/entries/dev/listen.ts', 'lib/shared/feature.ts']
  ]
  for (const [from, to] of allowed) t.equal(objection(from, to), undefined, `${from} -> ${to}`)
  t.strictSame(cycleIn(new Map([['a', ['b']], ['b', ['c']], ['c', ['b']]])), ['b', 'c', 'b'])
  t.strictSame(importsOf({ path: 'lib/a/b.ts', text: "import type { X } from '../c.js'\nexport * from './d.js'\nawait import('./e.js')\nimport { x } from 'pkg'\n// from './no.js'" }),
    ['lib/c.ts', 'lib/a/d.ts', 'lib/a/e.ts'])
  t.notOk(isTypeOnly('export const x = 1'))
  t.notOk(isTypeOnly("import './x.js'"))
  const body = (lines: number) => `function long () {\n${'  work()\n'.repeat(lines)}}`
  t.strictSame(longFunctions({ path: 'a.ts', text: body(MAX_FUNCTION_LINES - 2) }), [])
  t.strictSame(longFunctions({ path: 'a.ts', text: body(MAX_FUNCTION_LINES - 1) }), ['a.ts:1 has 61 lines'])
  t.end()
})
