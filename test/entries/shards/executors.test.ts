// Executors as apps make them, and a local runner of each kind.
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs'
import { test } from 'tap'
import type { Shard, ShardFile, ShardJob } from '../../../types/shards.js'
import { by } from '../../../lib/entries/shards/partition/by.js'
import type { Executor } from '../../../lib/builds/executors/executor.js'
import { inlineExecutor, processExecutor, threadExecutor } from '../../../lib/entries/shards/run/executors.js'
import { local } from '../../../lib/entries/shards/run/local.js'
import { Outcomes } from '../../../lib/entries/shards/run/outcomes.js'
import { packDirectory, Packer } from '../../../lib/entries/shards/run/packer.js'
import runShard from '../../../lib/entries/shards/run/run-shard.js'
import { requestOf } from '../../builds/builders/conformance.js'
import { folder } from '../../support/folder.js'
import { contextOf, messages, smallSite } from './small-site.js'

test('an executor of an app has its size, and starts nothing before it is needed', async t => {
  for (const [make, kind] of [[processExecutor, 'process'], [threadExecutor, 'thread']] as const) {
    const executor = make({ size: 3, maxMemory: 64, env: { MODE: 'test' }, execArgv: ['--no-warnings'], log () {} })
    t.match(executor, { kind, size: 3 })
    await executor.close()
    const usual = make()
    t.ok(usual.size !== undefined && usual.size >= 1)
    await usual.close()
  }
  t.equal(inlineExecutor().kind, 'inline')
  t.throws(() => threadExecutor({ maxMemory: 1 }), { code: 'FST_LIVE_RELOAD_INVALID_OPTION', message: /`threadExecutor\.maxMemory`/ })
  t.throws(() => processExecutor({ workers: 2 } as never), { code: 'FST_LIVE_RELOAD_UNKNOWN_OPTION' })
})

test('a site is built by threads and by processes of its own, which are warmed ahead and end with it', async t => {
  for (const executor of ['thread', 'process'] as const) {
    const site = smallSite(t, { 'a.txt': 'text' })
    const builder = site.builder({ on: local({ executor, workers: 1, maxMemory: 256 }) })
    await builder.warm?.()
    t.match(await site.build(builder), { ok: true, meta: { workers: 1 } })
    t.match(site.output()['a.html'], /text/)
    await builder.close?.()
  }
})

test('a runner has as many workers as shards, at most those of its executor', t => {
  const executor = processExecutor({ size: 3 })
  t.equal(local({ executor }).workers?.(2), 2)
  t.equal(local({ executor }).workers?.(9), 3)
  t.equal(local({ executor, workers: 2 }).workers?.(9), 2)
  t.equal(local({ executor: 'inline', workers: 9 }).workers?.(9), 1, 'the server is one')
  t.end()
})

test('outcomes come in the order in which they were added, and a failure after those before it', async t => {
  const outcomes = new Outcomes<number>()
  const read = (async () => { const seen: number[] = []; for await (const value of outcomes) seen.push(value); return seen })()
  outcomes.add(1)
  await Promise.resolve()
  outcomes.add(2)
  outcomes.end()
  outcomes.fail(new Error('too late'))
  t.strictSame(await read, [1, 2])
  const failing = new Outcomes<number>()
  failing.add(1)
  failing.fail(new Error('broken'))
  const seen: number[] = []
  await t.rejects((async () => { for await (const value of failing) seen.push(value) })(), /broken/)
  t.strictSame(seen, [1])
})

test('a module that does not load fails every shard, and is tried once', async t => {
  const site = smallSite(t, { 's0/a.txt': '', 's1/a.txt': '', 's2/a.txt': '' })
  site.write('shard.mjs', 'throw new Error("no config")')
  const result = await site.build(site.builder({ partition: by.section, on: local({ executor: 'thread', workers: 1, maxMemory: 256 }) }))
  t.strictSame(messages(result).map(text => text.replace(/^s\d: /, '')), ['no config (and in 2 more shards)'])
})

test('a pack takes what is in a directory, and not what is none of it', async t => {
  const { at, write } = folder(t, { 'out/a.txt': 'a', 'out/deep/b.txt': 'bb' })
  const files = await packDirectory(at('out'), at('packed'))
  t.match(files, [{ path: 'a.txt', offset: 0, length: 1 }, { path: 'deep/b.txt', offset: 1, length: 2 }])
  t.equal(readFileSync(at('packed'), 'utf8'), 'abb')
  t.strictSame(await packDirectory(at('nothing'), at('packed')), [], 'a directory that nobody made is empty')
  write('file', '')
  await t.rejects(packDirectory(at('file'), at('packed')), { code: 'ENOTDIR' })
})

test('a large pack is written in parts, and a directory that cannot be packed is told', async t => {
  const texts = Object.fromEntries(Array.from({ length: 5 }, (_, i) => [`out/${i}.txt`, String(i).repeat(30_000)]))
  const { at } = folder(t, texts)
  const files = await packDirectory(at('out'), at('packed'))
  t.strictSame(files.map(({ offset }) => offset), [0, 30_000, 60_000, 90_000, 120_000])
  t.equal(readFileSync(at('packed'), 'utf8'), Object.values(texts).join(''))
})

test('a pack that was given up does not write to the file that has its number now', t => {
  const { at } = folder(t)
  const packer = new Packer(at('packed'))
  packer.abandon()
  const other = openSync(at('other'), 'w')
  packer.add('a.txt', 'a'.repeat(100_000))
  packer.end()
  closeSync(other)
  t.equal(readFileSync(at('other'), 'utf8'), '')
  t.end()
})

test('a result that cannot be read fails its shard, and no other one', async t => {
  const site = smallSite(t, { 's0/a.txt': 'a', 's1/a.txt': 'b' })
  const inner = inlineExecutor()
  const losing: Executor = {
    kind: 'process',
    size: 1,
    warm () {},
    close: () => inner.close(),
    async run (task, options) {
      const { task: { shardId } } = task.data as { task: { shardId: string } }
      return shardId === 's0' ? { ms: 1, peakMemory: 1 } : inner.run(task, options)
    }
  }
  const result = await site.build(site.builder({ partition: by.section, on: local({ executor: losing }) }))
  t.match(messages(result), [/^s0: ENOENT/])
  t.match(result.meta, { built: ['s0', 's1'] })
})

test('workers leave files ready to be moved, but for those that the site has', async t => {
  const site = smallSite(t, { 'a.txt': 'a', 'b.txt': 'b' })
  const job = { file: site.at('shard.mjs'), request: requestOf({ cwd: site.path }), globals: {} }
  const shard: Shard = { id: 's', pages: site.pages(), key: 'k', estimatedMs: 1 }
  const runner = local({ executor: 'inline' })
  const outcomeOf = async (more: Partial<ShardJob>) => {
    const found = []
    for await (const outcome of runner.run([shard], { ...job, ...more }, contextOf())) found.push({ ...outcome, bytes: String(await outcome.contents()) })
    return found[0] as typeof found[number]
  }
  site.write('stage/other', '')
  const first = await outcomeOf({ stage: { dir: site.at('stage'), placed: {} } })
  const staged = first.staged as ReadonlyMap<string, string>
  t.strictSame([...staged.keys()], ['a.html', 'b.html'])
  t.equal([...staged.values()].map(path => readFileSync(path, 'utf8')).join(''), first.bytes)
  t.ok([...staged.values()].every(path => path.startsWith(site.at('stage'))))
  const [a] = first.files as [ShardFile]
  const second = await outcomeOf({ stage: { dir: site.at('stage'), placed: { s: { 'a.html': a.hash, 'b.html': 'another' } } } })
  t.strictSame([...second.staged?.keys() ?? []], ['b.html'])
  t.equal(second.bytes, first.bytes, 'the pack has all')
  t.notOk(second.staged?.get('b.html') === staged.get('b.html'), 'each run has a directory of its own')
  t.strictSame((await outcomeOf({})).staged, new Map(), 'without a stage none')
  t.match((await outcomeOf({ stage: { dir: site.at('gone'), placed: {} } })).result.errors, [{ message: /ENOENT/, shard: 's' }], 'a stage is not made: an abort has removed it')
})

test('a second try of a shard takes the directory of the first', async t => {
  const site = smallSite(t, { 'a.txt': 'a' })
  const stage = { dir: site.at('stage'), placed: {} }
  for (let i = 0; i < 2; i++) {
    const task = { shardId: 's', pages: site.pages(), globals: undefined, outDir: site.at('own'), cwd: site.path, profile: 'development' } as const
    await runShard(() => ({ files: { 'a.html': 'a' } }), { task, artifact: site.at('artifact'), stage }, contextOf())
  }
  t.strictSame(readdirSync(site.at('stage')), ['0'])
})
