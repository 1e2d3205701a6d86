// Shards on a worker, over a real Redis and a real PostgreSQL: what comes out, what the broker gets to see, and what it may not do.
import { readFileSync } from 'node:fs'
import { after, before, test } from 'tap'
import { Queue } from 'bullmq'
import { isProcessAlive } from '../../lib/builds/processes/process-tree.js'
import { distributed } from '../../lib/entries/distributed/coordinator/distributed.js'
import type { ServeOptions } from '../../lib/entries/distributed/options.js'
import { serveShards } from '../../lib/entries/distributed/worker/serve-shards.js'
import { fileCache } from '../../lib/entries/shards/cache/file-cache.js'
import { processExecutor } from '../../lib/entries/shards/run/executors.js'
import { sharded } from '../../lib/entries/shards/sharded.js'
import type { ShardCache } from '../../types/shards.js'
import { contextOf } from '../builds/builders/conformance.js'
import { distributedSite, localOutput, SECRET } from '../entries/distributed/site.js'
import { messages } from '../entries/shards/small-site.js'
import { startPostgres, startRedis, type PostgresServer, type RedisServer } from '../support/brokers.js'
import { folder, temporary } from '../support/folder.js'
import { times } from '../support/times.js'
import { until } from '../support/wait.js'

// The children need no more than TypeScript: they start much faster than with all that tap loads. What is built here is built in this process.
process.execArgv.splice(0, Infinity, '--import=./test/setup/typescript.js')
process.env.LIVE_RELOAD_BUILD_EXECUTOR = 'inline'

const executor = processExecutor({ size: 2 })
const BUILDS = times(20, 10_000)
/** BullMQ keeps some 10,000, and trims them now and then. */
const MAX_EVENTS = 11_000
let redis: RedisServer
let postgres: PostgresServer
before(async () => { [redis, postgres] = await Promise.all([startRedis(), startPostgres(temporary(after))]) })
after(() => Promise.all([redis.close(), postgres.close(), executor.close()]))

type Test = Parameters<typeof distributedSite>[0]
type Distributed = ReturnType<typeof distributedSite>

/** A worker in this process, which lies in the directory of the site. */
async function serve (t: Test, { shared, site }: Distributed, options: Partial<ServeOptions> = {}) {
  const lines: string[] = []
  const server = await serveShards({ ...shared, cwd: site.at('.'), executor, log: line => { lines.push(line) }, ...options })
  t.teardown(() => server.close())
  return { server, lines }
}

const SOURCES = Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map(name => [`${name}/page.txt`, `say ${name}`]))

for (const backend of ['redis', 'postgres'] as const) {
  test(`${backend}: workers build all shards, and the site is the same to the byte as one built here`, async t => {
    const one = distributedSite(t, { redis, postgres }[backend].url, SOURCES)
    await serve(t, one)
    const context = contextOf()
    t.match(await one.site.build(one.builder(), {}, context), { ok: true, diagnostics: [] })
    t.strictSame(one.reports.map(({ where }) => where), Array(5).fill('worker'))
    t.ok(one.reports.every(({ totalMs, ms }) => totalMs >= ms && ms >= 0))
    t.strictSame(context.lines.sort(), ['a', 'b', 'c', 'd', 'e'].map(name => `said by ${name}`), 'what a module logs')
    t.strictSame(one.site.output(), await localOutput(one))
    t.match(await one.site.build(one.builder()), { ok: true })
    t.equal(one.reports.length, 5, 'the store has all of them')
  })
}

test('a shard that fails is one diagnostic with its id, its place in this directory, and no second try', async t => {
  const one = distributedSite(t, redis.url, { 'good/a.txt': 'good', 'bad/b.txt': 'throw' })
  await serve(t, one)
  const result = await one.site.build(one.builder())
  t.match(result, { ok: false })
  t.strictSame(messages(result), ['bad: broken: bad/b.txt'])
  t.equal(result.diagnostics[0]?.file, one.site.at('shard.mjs'))
  t.equal(one.begun().filter(({ shard }) => shard === 'bad').length, 1)
})

test('the broker sees no secret, no path of this machine, no source and nothing of the environment, and keeps no order', async t => {
  const one = distributedSite(t, redis.url, { 'a/a.txt': 'hold unpublished' })
  process.env.OF_THE_ENVIRONMENT = 'of the environment'
  await serve(t, one)
  const prefix = `live-reload:${one.shared.project}:*`
  const build = one.site.build(one.builder())
  await one.begins('a')
  const dump = JSON.stringify(await everything(prefix))
  t.match(dump, /"shard\.mjs/, 'an order is there')
  for (const text of [SECRET, one.site.at('.'), process.cwd(), 'unpublished', 'of the environment', 'a.txt']) t.notOk(dump.includes(text), `without ${text}`)
  one.go()
  t.match(await build, { ok: true })
  await until(async () => !/"(?:shard\.mjs|module)/.test(JSON.stringify(await everything(prefix))), 'no order is left')
})

test(`${BUILDS} builds leave no more in the broker than the first one`, { timeout: 3_600_000 }, async t => {
  const one = distributedSite(t, redis.url, { 'a/a.txt': 'text' })
  await serve(t, one)
  const prefix = `live-reload:${one.shared.project}:*`
  const keys = async () => (await redis.ask('KEYS', prefix) as string[]).length
  let onWorkers = 0
  const build = async () => {
    // A new one each time: a builder that knows how little work this is would do it here.
    const on = distributed({ ...one.shared, onShard: ({ where }) => { if (where === 'worker') onWorkers++ } })
    const builder = sharded({ pages: one.site.pages, shard: one.site.at('shard.mjs'), outDir: one.site.at('out'), minPages: 0, globals: () => ({ server: process.pid }), on })
    const { ok } = await one.site.build(builder)
    await builder.close?.()
    return ok
  }
  t.equal(await build(), true)
  const before = await keys()
  for (let i = 0; i < BUILDS; i++) {
    one.site.write('src/a/a.txt', `text ${i}`)
    if (!await build()) t.fail(`build ${i}`)
  }
  t.equal(onWorkers, BUILDS + 1, 'a worker has built each')
  await until(async () => await keys() <= before, 'no more keys')
  const events = await redis.ask('XLEN', `live-reload:${one.shared.project}:shards-${one.shared.project}:events`) as number
  t.ok(events < MAX_EVENTS, `${events} events`)
})

test('forged jobs are refused, and so is an order that is sent again after its build', async t => {
  const one = distributedSite(t, redis.url, { 'a/a.txt': 'hold' })
  const { lines } = await serve(t, one)
  const [name, options] = [`shards-${one.shared.project}`, { connection: { url: redis.url }, prefix: `live-reload:${one.shared.project}`, skipVersionCheck: true }]
  const queue = new Queue(name, options)
  t.teardown(() => queue.close())
  const build = one.site.build(one.builder())
  await one.begins('a')
  const [job] = await queue.getJobs(['active'])
  const order = job?.data as Record<string, unknown>
  const forged = [{ cmd: 'id' }, 'text', null, { ...order, module: '../outside.mjs' }, { ...order, shard: 'other' }, { ...order, signature: '' }, { ...order, extra: 1 }, { ...order, padding: 'x'.repeat(5e6) }]
  for (const data of forged) await queue.add('shard', data)
  // Nobody has signed these either.
  await redis.ask('XADD', `live-reload:${one.shared.project}:${name}:events`, '*', 'event', 'completed', 'jobId', String(job?.id), 'returnvalue', '{"ok":true}')
  await redis.ask('XADD', `live-reload:${one.shared.project}:${name}:events`, '*', 'event', 'cancel', 'build', String(order.build), 'signature', 'ab')
  for (const reason of ['job stalled more than allowable limit', 'a worker refuses it']) await redis.ask('XADD', `live-reload:${one.shared.project}:${name}:events`, '*', 'event', 'failed', 'jobId', String(job?.id), 'failedReason', reason, 'prev', 'active')
  await until(() => lines.filter(line => line.startsWith('refuses a job')).length >= 2, 'jobs are refused')
  await until(async () => await queue.getWaitingCount() === 0, 'all of them are gone')
  t.equal(one.begun().length, 1, 'none was run')
  one.go()
  t.match(await build, { ok: true })
  t.equal(one.begun().length, 1, 'no event counted')
  t.strictSame(one.reports.map(({ where }) => where), ['worker'])
  await until(() => lines.some(line => !line.startsWith('refuses')), 'a line')
  await new Promise<void>((resolve, reject) => {
    queue.add('shard', order).catch(reject)
    until(() => lines.some(line => /the shard a is not built: its build has ended/.test(line)), 'the second time it is refused').then(() => resolve(), reject)
  })
  t.equal(one.begun().length, 1)
})

test('results that are damaged, or signed with another secret, are not used: the shard is built here', async t => {
  const one = distributedSite(t, redis.url, SOURCES)
  const files = fileCache(one.site.at('store'))
  const written: string[] = []
  const store: ShardCache = {
    async get (key) {
      const value = await files.get(key)
      // The fourth byte is of the signature, or of the contents.
      return value instanceof Uint8Array && written.includes(key) ? value.map((byte, i) => i === 3 ? byte ^ 1 : byte) : value
    },
    put: (key, value) => files.put(key, value)
  }
  await serve(t, one, { store: { get: key => files.get(key), async put (key, value) { written.push(key); await files.put(key, value) } } })
  const context = contextOf()
  t.match(await one.site.build(one.builder({ store }), {}, context), { ok: true, diagnostics: [] })
  t.ok(one.reports.length === 5 && one.reports.every(({ where }) => where === 'local'), 'all are built here')
  t.strictSame(one.site.output(), await localOutput(one))
})

test('a worker of another version, with other sources, with another secret, or of another project builds nothing of this build', async t => {
  const one = distributedSite(t, redis.url, { 'a/a.txt': 'a', 'b/b.txt': 'b' })
  const elsewhere = folder(t, { 'shard.mjs': readFileSync(one.site.at('shard.mjs'), 'utf8'), 'src/a/a.txt': 'a', 'src/b/b.txt': 'older' })
  const fill = async (options: Partial<ServeOptions>) => {
    one.site.write('src/a/a.txt', 'a')
    const { server } = await serve(t, one, { cwd: elsewhere.path, store: temporaryStore, ...options })
    const context = contextOf()
    t.match(await one.site.build(one.builder({ beginTimeout: 500, store: temporaryStore }), {}, context), { ok: true })
    await server.close()
    return context.lines
  }
  let temporaryStore = folder(t).path
  t.match(await fill({}), [/^the shard b is built on this machine: .*the source src\/b\/b\.txt is another one here$/])
  t.strictSame(one.reports.map(({ shard, where }) => `${shard} ${where}`).sort(), ['a worker', 'b local'])
  elsewhere.write('shard.mjs', 'export default () => { throw new Error("never") }')
  temporaryStore = folder(t).path
  t.match(await fill({}), [/^the shard \w is built on this machine: a worker refuses it: the module shard\.mjs, what it imports, or the lock file is another one here$/, /^1 more shard was built on this machine: a worker refuses it: the module/])
  temporaryStore = folder(t).path
  t.match(await fill({ cwd: one.site.at('.'), secret: 'another secret of 16' }), [/a worker refuses it: it is not signed with the secret of this worker/])
  temporaryStore = folder(t).path
  t.match(await fill({ cwd: one.site.at('.'), shard: ['./other.mjs'] }), [/the module shard\.mjs is not among those of this worker/])
  temporaryStore = folder(t).path
  t.match(await fill({ cwd: one.site.at('.'), store: folder(t).path }), [/its task is not in the store of this worker/])
  temporaryStore = folder(t).path
  t.match(await fill({ cwd: one.site.at('.'), project: 'of-somebody-else' }), [/no worker has begun within 500 ms/])
})

test('two projects on one broker build side by side', async t => {
  const [one, two] = [distributedSite(t, redis.url, { 'a/a.txt': 'of one' }), distributedSite(t, redis.url, { 'a/a.txt': 'of two' })]
  await Promise.all([serve(t, one), serve(t, two)])
  t.match(await Promise.all([one.site.build(one.builder()), two.site.build(two.builder())]), [{ ok: true }, { ok: true }])
  t.strictSame([one.site.output()['a/a.html'], two.site.output()['a/a.html']], ['of one', 'of two'])
  t.strictSame([...one.reports, ...two.reports].map(({ where }) => where), ['worker', 'worker'])
})

test('an abort ends what runs on workers, and takes back what waits', async t => {
  const one = distributedSite(t, redis.url, { 'a/a.txt': 'hold', 'b/b.txt': 'hold', 'c/c.txt': 'hold' })
  one.site.write('shard.mjs', 'import { appendFileSync } from \'node:fs\'\nexport default ({ shardId, cwd }) => { appendFileSync(cwd + \'/begun.log\', shardId + \' worker \' + process.pid + \' 0\\n\'); for (;;); }')
  await serve(t, one, { concurrency: 2 })
  const stop = new AbortController()
  const build = one.site.build(one.builder(), {}, contextOf(stop.signal))
  await until(() => one.begun().length === 2, 'two have begun')
  stop.abort(new Error('stale'))
  await t.rejects(build, /stale/)
  for (const { worker } of one.begun()) await until(() => !isProcessAlive(worker), `process ${worker} ends`)
  t.equal(one.begun().length, 2, 'the third has never begun')
})

test('a worker that is closed while it builds gives its shard back, and is closed within 2 s; so is a builder', async t => {
  const one = distributedSite(t, redis.url, { 'a/a.txt': 'hold', 'b/b.txt': 'hold' })
  const { server } = await serve(t, one)
  const build = one.site.build(one.builder())
  await Promise.all([one.begins('a'), one.begins('b')])
  const start = performance.now()
  await server.close()
  await server.close()
  t.ok(performance.now() - start < 2_500, `closed after ${Math.round(performance.now() - start)} ms`)
  await serve(t, one)
  await one.begins('a', 2)
  one.go()
  t.match(await build, { ok: true, diagnostics: [] })
  t.ok(one.reports.every(({ where }) => where === 'worker'))
})

test('a worker waits for a broker that is away', async t => {
  const late = await startRedis()
  t.teardown(() => late.close())
  const one = distributedSite(t, late.url, { 'a/a.txt': 'a', 'b/b.txt': 'b' })
  await late.kill()
  const { lines } = await serve(t, one)
  t.match(lines, [/^the broker is away, so this worker waits: connect ECONNREFUSED/])
  await late.restart()
  await until(() => lines.some(line => line.startsWith('builds up to 2 shards')), 'it serves')
  t.match(await one.site.build(one.builder()), { ok: true })
  t.ok(one.reports.length === 2 && one.reports.every(({ where }) => where === 'worker'))
})

test('what no other machine can build, and what is too little work, is built here', async t => {
  const one = distributedSite(t, redis.url, { 'a/a.txt': 'a' })
  const { site } = one
  site.write('shard.mjs', 'import { readFileSync } from \'node:fs\'\nexport default ({ pages }) => ({ files: Object.fromEntries(pages.map(({ id, file }) => [id, readFileSync(file)])) })')
  await serve(t, one)
  const outside = folder(t, { 'b.txt': 'b' })
  const pages = () => [{ id: 'a', section: 'a', file: site.at('src/a/a.txt') }, { id: 'b', section: 'b', file: outside.at('b.txt') }]
  const build = async (options = {}, more = {}, cwd = site.at('.')) => {
    const context = contextOf()
    const builder = one.builder(options, { pages, ...more })
    await builder.warm?.()
    t.match(await site.build(builder, { cwd }, context), { ok: true, counts: { files: 2 } })
    await builder.close?.()
    return context.lines
  }
  t.strictSame(await build({ store: folder(t).path }, { minPages: 500 }), [], 'a small site')
  t.strictSame(one.reports.splice(0).map(({ where }) => where), ['local', 'local'])
  const store = { get: () => undefined, put () { throw new Error('the disk is full') } }
  t.match((await build({ store })).sort(), [/^the shard a is built on this machine: its task cannot be stored: the disk is full$/, /^the shard b is built on this machine: .*b\.txt lies outside of the working directory$/])
  t.match(await build({}, {}, outside.path), [/^2 shards are built on this machine: its module lies outside of the working directory$/])
  t.strictSame(one.reports.map(({ where }) => where), ['local', 'local', 'local', 'local'])
  const none = one.builder()
  await none.close?.()
})

/** Every key with all that is in it. */
async function everything (pattern: string): Promise<unknown[]> {
  const read: Readonly<Record<string, (key: string) => [string, ...(string | number)[]]>> = {
    string: key => ['GET', key],
    hash: key => ['HGETALL', key],
    list: key => ['LRANGE', key, 0, -1],
    set: key => ['SMEMBERS', key],
    zset: key => ['ZRANGE', key, 0, -1],
    stream: key => ['XRANGE', key, '-', '+']
  }
  const found = []
  for (const key of await redis.ask('KEYS', pattern) as string[]) {
    const command = read[await redis.ask('TYPE', key) as string]?.(key)
    found.push(key, command === undefined ? '' : await redis.ask(...command))
  }
  return found
}
