// Modules that do not load at first: Node keeps a failed import as long as its process, and people create what is missing a moment later.
import { readFileSync } from 'node:fs'
import { test, type Test } from 'tap'
import { createExecutor } from '../../../lib/builds/executors/create.js'
import type { Executor, ExecutorKind } from '../../../lib/builds/executors/executor.js'
import { Pool } from '../../../lib/builds/executors/pool.js'
import { Sources } from '../../../lib/builds/executors/sources/sources.js'
import { ThreadMember } from '../../../lib/builds/executors/thread.js'
import { folder } from '../../support/folder.js'
import { until } from '../../support/wait.js'

const KINDS = ['process', 'thread', 'inline'] as const

function open (t: Test, kind: ExecutorKind, size?: number): Executor {
  const executor = createExecutor({ kind, reason: '' }, {}, () => {}, size)
  t.teardown(() => executor.close())
  return executor
}

for (const kind of KINDS) {
  test(`${kind}: a file that is created after its import is saved`, async t => {
    const at = folder(t, { 'build.mjs': 'export default () => "old"' })
    const executor = open(t, kind)
    const build = () => executor.run({ file: at.at('build.mjs'), data: 0 })
    t.equal(await build(), 'old')
    at.write('build.mjs', 'import { help } from "./helper.mjs"\nexport default () => help')
    for (let i = 0; i < 2; i++) await t.rejects(build(), { message: /Cannot find module/ })
    at.write('helper.mjs', 'export const help = "first"')
    t.equal(await build(), 'first')
    if (kind === 'inline') return
    at.write('helper.mjs', 'export const help = "second one"')
    t.equal(await build(), 'second one', 'it is known from now on')
  })
}

test('a file that is missing only when the build asks for it', async t => {
  const at = folder(t, { 'build.mjs': 'export default async () => (await import("./page.mjs")).page', 'page.mjs': 'export { page } from "./missing.mjs"' })
  const executor = open(t, 'thread')
  const build = () => executor.run({ file: at.at('build.mjs'), data: 0 })
  for (let i = 0; i < 2; i++) await t.rejects(build(), { message: /Cannot find module/ })
  at.write('missing.mjs', 'export const page = "made"')
  t.equal(await build(), 'made')
})

for (const [what, size] of [['one child', 1], ['children for several tasks at once', 3]] as const) {
  test(`what no import names is missing, ${what}`, async t => {
    const at = folder(t, { 'build.mjs': 'import fs from "node:fs"\nconst text = fs.readFileSync(new URL("made.txt", import.meta.url), "utf8")\nexport default () => text' })
    const executor = open(t, 'thread', size)
    const builds = () => Promise.allSettled(Array.from({ length: size }, () => executor.run({ file: at.at('build.mjs'), data: 0 })))
    for (let i = 0; i < 2; i++) t.match(await builds(), Array(size).fill({ reason: { isLoadError: true, message: /ENOENT/ } }))
    at.write('made.txt', 'made')
    t.strictSame(await builds(), Array(size).fill({ status: 'fulfilled', value: 'made' }))
  })
}

test('a child that has loaded the module ahead, before a hook makes what it needs', async t => {
  const at = folder(t, { 'build.mjs': 'import fs from "node:fs"\nconst mark = () => fs.appendFileSync(new URL("loads.txt", import.meta.url), "x")\nmark()\nconst text = fs.readFileSync(new URL("made.txt", import.meta.url), "utf8")\nexport default () => text', 'loads.txt': '' })
  const members: ThreadMember[] = []
  const executor = new Pool({ kind: 'thread', start: owner => members[members.push(new ThreadMember(owner)) - 1] as ThreadMember })
  t.teardown(() => executor.close())
  await executor.warm(at.at('build.mjs'))
  await until(() => readFileSync(at.at('loads.txt')).length === members.length, 'each child has failed to load it')
  at.write('made.txt', 'made')
  t.equal(await executor.run({ file: at.at('build.mjs'), data: 0 }), 'made')
})

test('imports by names of package.json', async t => {
  const at = folder(t, {
    'package.json': JSON.stringify({ type: 'module', imports: { '#lib/*.js': { node: './lib/*.js', default: ['./other/*.js', null] }, '#one': './one.js', '#pkg': 'pkg', '#lib/x/*': './x/*' } }),
    'build.js': 'import { a } from "#lib/a.js"\nimport { one } from "#one"\nexport default () => a + one',
    'more.js': 'import "#pkg"; import "#none"; import "#lib/b.js"',
    'lib/a.js': 'export const a = "a1 "',
    'one.js': 'export const one = "one1"',
    'broken/package.json': '{',
    'broken/build.js': 'import "#one"'
  })
  const executor = open(t, 'thread')
  const build = () => executor.run({ file: at.at('build.js'), data: 0 })
  t.equal(await build(), 'a1 one1')
  at.write('lib/a.js', 'export const a = "second "')
  t.equal(await build(), 'second one1')
  at.write('one.js', 'export const one = "changed"')
  t.equal(await build(), 'second changed')
  at.write('package.json', '{"type":"module","imports":{"#lib/*":"./lib/*","#one":"./lib/one.js"}}')
  await t.rejects(build(), { message: /Cannot find module/ })
  at.write('lib/one.js', 'export const one = "moved"')
  t.equal(await build(), 'second moved', 'a name that stands for another file')
  const known = async (name: string) => [...(await new Sources().stamps(at.at(name))).keys()].sort()
  t.strictSame(await known('more.js'), ['lib/b.js', 'more.js', 'package.json'].map(at.at), 'packages and unknown names have no file')
  t.strictSame(await known('broken/build.js'), ['broken/build.js', 'broken/package.json'].map(at.at))
  const alone = folder(t, { 'a.js': 'import "#x"' }).at('a.js')
  t.ok((await new Sources().stamps(alone)).has(alone), 'no package.json at all')
})
