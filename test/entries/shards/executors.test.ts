// Executors as apps make them, and a local runner of each kind.
import { readFileSync } from 'node:fs'
import { test } from 'tap'
import { by } from '../../../lib/entries/shards/partition/by.js'
import { inlineExecutor, processExecutor, threadExecutor } from '../../../lib/entries/shards/run/executors.js'
import { local } from '../../../lib/entries/shards/run/local.js'
import { Outcomes } from '../../../lib/entries/shards/run/outcomes.js'
import { packDirectory } from '../../../lib/entries/shards/run/packer.js'
import { folder } from '../../support/folder.js'
import { messages, smallSite } from './small-site.js'

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
