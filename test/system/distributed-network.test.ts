// Machines whose clocks differ, networks that swallow what is sent, and a Redis that another one takes over from.
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { after, before, test } from 'tap'
import { contextOf } from '../builds/builders/conformance.js'
import { distributedSite, localOutput } from '../entries/distributed/site.js'
import { messages } from '../entries/shards/small-site.js'
import { startRedis, type RedisServer } from '../support/brokers.js'
import { folder } from '../support/folder.js'
import { plainLibrary } from '../support/plain.js'
import { relay } from '../support/relay.js'
import { until } from '../support/wait.js'

// What is built here is built in this process: another one would take a second to start.
process.env.LIVE_RELOAD_BUILD_EXECUTOR = 'inline'
const { path: library } = plainLibrary(after)
let redis: RedisServer
before(async () => { redis = await startRedis() })
after(() => redis.close())

const SOURCES = { 'a/a.txt': 'a', 'b/b.txt': 'hold b', 'c/c.txt': 'c' }
const at = (port: number) => `redis://127.0.0.1:${port}`

/** Shifts the clock of a process, as its date shows it. */
const clock = (hours: number) => `--import=data:text/javascript,${encodeURIComponent(`
const now = Date.now
const Real = Date
globalThis.Date = class extends Real { constructor (...given) { given.length === 0 ? super(now() + ${hours} * 3_600_000) : super(...given) } static now () { return now() + ${hours} * 3_600_000 } }
`)}`

test('workers whose clocks are an hour before and behind build each shard once, and try one that crashes again', async t => {
  const one = distributedSite(t, redis.url, { ...SOURCES, 'd/d.txt': 'hold d' }, library)
  await Promise.all([one.worker({}, [clock(1)]), one.worker({}, [clock(-1)])])
  const context = contextOf()
  const build = one.site.build(one.builder(), {}, context)
  const held = await Promise.all([one.begins('b'), one.begins('d')])
  t.not(held[0]?.worker, held[1]?.worker, 'each of the two has a shard')
  // Longer than a lock lasts: workers renew them, whatever their clock shows.
  const over = performance.now() + 2 * one.shared.lockDuration
  await until(() => performance.now() > over, 'two locks are over')
  one.go()
  t.match(await build, { ok: true, diagnostics: [], meta: { shards: 4 } })
  t.strictSame(one.reports.map(({ shard, where }) => `${shard} ${where}`).sort(), ['a worker', 'b worker', 'c worker', 'd worker'])
  t.equal(one.begun().length, 4, 'none is built twice')
  t.strictSame(context.lines, [])
  one.site.write('src/a/a.txt', 'exit')
  const result = await one.site.build(one.builder())
  t.match(messages(result), [/^a: the build exited with code 3/])
  t.ok(one.begun().filter(({ shard }) => shard === 'a').length >= 4, 'three more tries')
})

test('a network that swallows everything: the server builds the rest within its time limits', async t => {
  const ofServer = await relay(t, redis.port)
  const one = distributedSite(t, redis.url, SOURCES, library)
  await one.worker()
  const context = contextOf()
  const build = one.site.build(one.builder({ connection: at(ofServer.port), answerTimeout: 500, connectTimeout: 500 }), {}, context)
  await one.begins('b')
  ofServer.cut()
  await until(() => context.lines.some(line => /built on this machine: Redis is away: no answer within 500 ms/.test(line)), 'the server gives the broker up')
  one.go()
  t.match(await build, { ok: true, diagnostics: [] })
  t.equal(context.lines.length, 1, `one line: ${context.lines}`)
  t.strictSame(one.site.output(), await localOutput(one))
})

test('a network that loses packets, and breaks the connections of a worker: the site is whole, and no shard is reported twice', async t => {
  const [ofServer, ofWorker] = [await relay(t, redis.port), await relay(t, redis.port)]
  const one = distributedSite(t, redis.url, { ...SOURCES, 'd/d.txt': 'hold d', 'e/e.txt': 'e', 'f/f.txt': 'f' }, library)
  await one.worker({ connection: at(ofWorker.port) })
  ofServer.lose(150)
  ofWorker.lose(150)
  const build = one.site.build(one.builder({ connection: at(ofServer.port) }))
  await one.begins('b')
  const tries = ofWorker.tries.length
  ofWorker.sever()
  ofWorker.mend()
  await until(() => ofWorker.tries.length > tries, 'the worker connects again')
  one.go()
  t.match(await build, { ok: true, diagnostics: [], meta: { shards: 6 } })
  t.strictSame(one.reports.map(({ shard }) => shard).sort(), ['a', 'b', 'c', 'd', 'e', 'f'])
  t.strictSame(one.site.output(), await localOutput(one))
})

test('a worker behind a network that swallows everything loses its shard to another one', async t => {
  const ofWorker = await relay(t, redis.port)
  const one = distributedSite(t, redis.url, SOURCES, library)
  await one.worker({ connection: at(ofWorker.port) })
  const context = contextOf()
  const build = one.site.build(one.builder(), {}, context)
  const { worker } = await one.begins('b')
  ofWorker.cut()
  await one.worker()
  const again = await one.begins('b', 2)
  t.not(again.worker, worker)
  one.go()
  t.match(await build, { ok: true, diagnostics: [] })
  t.match(context.lines, ['the worker that built the shard b is gone: another one gets it'])
  t.strictSame(one.reports.map(({ shard, where }) => `${shard} ${where}`).sort(), ['a worker', 'b worker', 'c worker'])
  t.strictSame(one.site.output(), await localOutput(one))
})

test('a replica without the last writes takes over in the middle of a build: it is finished here, and the next one by workers', async t => {
  // What is sent to a replica is a file first.
  const [first, second] = await Promise.all([startRedis('--dir', folder(t).path), startRedis('--dir', folder(t).path)])
  t.teardown(() => Promise.all([first.close(), second.close()]))
  // One address for both, as a failover has it.
  let target = first.port
  const sockets = new Set<Socket>()
  const address = createServer(near => {
    const far = connect(target, '127.0.0.1')
    for (const [from, to] of [[near, far], [far, near]] as const) {
      sockets.add(from)
      from.on('error', () => {}).on('close', () => to.destroy()).pipe(to)
    }
  })
  address.listen(0, '127.0.0.1')
  await once(address, 'listening')
  t.teardown(() => { for (const socket of sockets) socket.destroy(); address.close() })
  const one = distributedSite(t, at((address.address() as AddressInfo).port), SOURCES, library)
  await one.worker()
  await second.ask('REPLICAOF', '127.0.0.1', first.port)
  await until(async () => /master_link_status:up/.test(String(await second.ask('INFO', 'replication'))), 'the replica has all')
  // What comes from here on is lost.
  await second.ask('REPLICAOF', 'NO', 'ONE')
  const context = contextOf()
  const build = one.site.build(one.builder(), {}, context)
  await one.begins('b')
  target = second.port
  await first.kill()
  await until(() => context.lines.some(line => /built on this machine: Redis is away: /.test(line)), 'the server has noticed')
  one.go()
  t.match(await build, { ok: true, diagnostics: [] })
  t.strictSame(one.site.output(), await localOutput(one))
  let texts = 0
  await until(async () => {
    one.reports.length = 0
    one.site.write('src/a/a.txt', `another ${texts++}`)
    const result = await one.site.build(one.builder())
    return result.ok && one.reports.some(({ where }) => where === 'worker')
  }, 'a worker is used again, over the replica')
})
