// Shards in processes: what crashes, hangs, or is not wanted any more.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { after, test } from 'tap'
import { isProcessAlive } from '../../../lib/builds/processes/process-tree.js'
import type * as Shards from '../../../lib/entries/shards/index.js'
import { plainLibrary } from '../../support/plain.js'
import { until } from '../../support/wait.js'
import { contextOf, messages, smallSite } from './small-site.js'

// As an app has it: the children start ten times as fast.
const { path: library } = plainLibrary(after)
const { by, local, processExecutor, sharded } = await import(pathToFileURL(join(library, 'lib/entries/shards/index.js')).href) as typeof Shards
const executor = processExecutor({ size: 2 })
after(() => executor.close())
const on = () => local({ executor })

type Site = ReturnType<typeof smallSite>
const builderOf = (site: Site, options: object = {}) => sharded({ pages: site.pages, shard: site.at('shard.mjs'), outDir: site.at('out'), on: on(), partition: by.section, ...options })

test('a shard whose process ends, crashes, or takes too long is one diagnostic with its id; the others are built', async t => {
  const site = smallSite(t, { 'good/a.txt': 'good', 'exit/a.txt': 'exit', 'slow/a.txt': 'loop' })
  const result = await site.build(builderOf(site, { timeout: 3_000 }))
  t.match(result, { ok: false, meta: { shards: 3, built: ['exit', 'good', 'slow'] } })
  t.strictSame(messages(result).sort(), ['exit: the build exited with code 3', 'slow: the build did not end within 3000 ms and was stopped'])
  t.notOk(existsSync(site.at('out')))
  t.strictSame(readdirSync(site.path).filter(name => name.startsWith('.out')), [], 'nor is anything left of what workers had written')
  site.write('src/exit/a.txt', 'fine')
  site.write('src/slow/a.txt', 'fine')
  t.match(await site.build(builderOf(site)), { ok: true })
})

test('errors: fail-fast ends shards that run', async t => {
  const site = smallSite(t, { 'a/a.txt': 'throw', 'b/a.txt': 'loop' })
  const result = await site.build(builderOf(site, { errors: 'fail-fast', minPages: 0 }))
  t.strictSame(messages(result), ['a: broken: a/a.txt'])
})

test('an abort ends every process of the build, also one in a loop, and leaves no directory behind', async t => {
  const site = smallSite(t, { 'a/a.txt': 'loop', 'b/a.txt': 'loop' })
  site.write('shard.mjs', 'import { appendFileSync } from \'node:fs\'\nexport default ({ cwd, outDir }) => { appendFileSync(cwd + \'/pids\', process.pid + \' \' + outDir + \'\\n\'); for (;;); }')
  const stop = new AbortController()
  const build = site.build(builderOf(site, { minPages: 0 }), {}, contextOf(stop.signal))
  const read = () => existsSync(site.at('pids')) ? readFileSync(site.at('pids'), 'utf8').trim().split('\n').map(line => line.split(' ')) : []
  await until(() => read().length === 2, 'both shards run')
  stop.abort(new Error('stale'))
  await t.rejects(build, /stale/)
  for (const [pid, outDir = ''] of read()) {
    await until(() => !isProcessAlive(Number(pid)), `process ${pid} ends`)
    t.equal(await until(() => !existsSync(outDir), 'its directory goes'), true)
  }
  const left = () => readdirSync(tmpdir()).filter(name => name.startsWith('live-reload-shards-')).filter(name => read().some(([, outDir = '']) => outDir.includes(name)))
  t.ok(await until(() => left().length === 0, 'the directory of the build goes, too'))
  t.ok(await until(() => readdirSync(site.path).every(name => !name.startsWith('.out')), 'and what was staged'))
})

test('shards run at the same time, as many as there are workers', async t => {
  const site = smallSite(t, { 'a/a.txt': '', 'b/a.txt': '' })
  // Each waits until both have begun.
  site.write('shard.mjs', `import { readdirSync, writeFileSync } from 'node:fs'
export default async ({ shardId, cwd }) => {
  writeFileSync(cwd + '/begun-' + shardId, '')
  while (readdirSync(cwd).filter(name => name.startsWith('begun-')).length < 2) await new Promise(resolve => setTimeout(resolve, 5))
  return { files: { [shardId]: '' } }
}`)
  t.match(await site.build(builderOf(site, { minPages: 0, timeout: 20_000 })), { ok: true, meta: { workers: 2 } })
})

test('memory of a worker stays small whatever the size of a shard, when its module gives a page at a time', async t => {
  const site = smallSite(t)
  const build = async (pages: number) => {
    site.write('shard.mjs', 'export default async function * ({ pages }) { for (const { id } of pages) yield { files: { [id + \'.html\']: id.repeat(20_000) } } }')
    const own = local({ workers: 1, maxMemory: 64 })
    t.teardown(() => own.close?.())
    let peak = 0
    const watched: Shards.ShardRunner = { name: 'watched', async * run (...given) { for await (const outcome of own.run(...given)) { peak = Math.max(peak, outcome.peakMemory); yield outcome } } }
    const result = await site.build(sharded({ pages: () => Array.from({ length: pages }, (_, i) => ({ id: `page-${String(i).padStart(5, '0')}` })), shard: site.at('shard.mjs'), outDir: site.at(`out-${pages}`), shards: 1, on: watched }))
    t.match(result, { ok: true, counts: { files: pages } })
    return peak / 1024 ** 2
  }
  const [few, many] = [await build(20), await build(600)]
  // 600 pages have 126 MB.
  t.ok(many < few + 60, `${Math.round(few)} MB for 20 pages, ${Math.round(many)} MB for 600`)
})

test('a module that is not there, cannot be parsed, is mended, and changes', async t => {
  const site = smallSite(t, { 'a.txt': 'a' })
  const builder = builderOf(site, { shard: site.at('later.mjs') })
  t.match(messages(await site.build(builder)), [/top: .*later\.mjs/])
  writeFileSync(site.at('later.mjs'), 'export default () => ({ files: { "a.html": ')
  t.match(messages(await site.build(builder)), [/top: /])
  writeFileSync(site.at('later.mjs'), 'export default () => ({ files: { "a.html": "1" } })')
  t.match(await site.build(builder), { ok: true })
  writeFileSync(site.at('later.mjs'), 'export default () => ({ files: { "a.html": "22" } })')
  t.match(await site.build(builder), { ok: true })
  t.strictSame(site.output(), { 'a.html': '22' })
})

test('a module that does not load is tried once, not by a process for each shard', async t => {
  const site = smallSite(t, Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`s${i}/a.txt`, ''])))
  site.write('shard.mjs', `import { appendFileSync } from 'node:fs'\nappendFileSync(${JSON.stringify(site.at('loads'))}, '.')\nthrow new Error('no config')`)
  const result = await site.build(builderOf(site, { minPages: 0 }))
  t.strictSame(messages(result).map(text => text.replace(/^s\d: /, '')), ['no config (and in 8 more shards)'])
  t.ok(readFileSync(site.at('loads'), 'utf8').length <= 4, 'by each worker, and by a spare')
})

test('wrong options are coded errors that name them', t => {
  const fail = (options: unknown, message: RegExp) => t.throws(() => sharded(options as never), { code: /^FST_LIVE_RELOAD_(?:INVALID|UNKNOWN)_OPTION$/, message })
  const base = { pages: () => [], shard: 'shard.mjs' }
  fail({ shard: 'shard.mjs' }, /`sharded\.pages`/)
  fail({ ...base, pages: [] }, /`sharded\.pages` must be a function that gives the pages, got \[\]/)
  fail({ ...base, shard: 5 }, /`sharded\.shard` must be a path/)
  fail({ ...base, shards: 0 }, /`sharded\.shards` must be a whole number from 1/)
  fail({ ...base, minPages: -1 }, /`sharded\.minPages`/)
  fail({ ...base, errors: 'none' }, /`sharded\.errors` must be 'collect' or 'fail-fast'/)
  fail({ ...base, cache: '.cache' }, /`sharded\.cache` must be a cache/)
  fail({ ...base, on: 'local' }, /`sharded\.on` must be a runner/)
  fail({ ...base, partition: 'hash' }, /`sharded\.partition` must be a function/)
  fail({ ...base, merge: {} }, /`sharded\.merge` must be a function/)
  fail({ ...base, derived: [{}] }, /`sharded\.derived\[0\]\.pages` must be a function/)
  fail({ ...base, timeout: 0 }, /`sharded\.timeout`/)
  fail({ ...base, version: 5 }, /`sharded\.version` must be a text/)
  fail({ ...base, workers: 2 }, /unknown option `sharded\.workers`/)
  t.throws(() => local({ workers: 0 }), { message: /`local\.workers`/ })
  t.throws(() => local({ executor: { kind: 'other' } as never }), { message: /`local\.executor`/ })
  t.throws(() => local({ executor: 'fibre' as never }), { message: /`executor` must be/ })
  t.throws(() => processExecutor({ size: 0 }), { message: /`processExecutor\.size`/ })
  t.end()
})
