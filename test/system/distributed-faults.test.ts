// Workers in processes of their own, and brokers that are killed, frozen, emptied, full, or refuse: every build ends, and what it makes is whole.
import { after, before, test } from 'tap'
import { distributedSite, localOutput } from '../entries/distributed/site.js'
import { messages } from '../entries/shards/small-site.js'
import { contextOf } from '../builds/builders/conformance.js'
import { startPostgres, startRedis, type PostgresServer, type RedisServer } from '../support/brokers.js'
import { temporary } from '../support/folder.js'
import { plainLibrary } from '../support/plain.js'
import { until } from '../support/wait.js'

// What is built here is built in this process: another one would take a second to start.
process.env.LIVE_RELOAD_BUILD_EXECUTOR = 'inline'
const { path: library } = plainLibrary(after)
let redis: RedisServer
let postgres: PostgresServer
before(async () => { [redis, postgres] = await Promise.all([startRedis(), startPostgres(temporary(after))]) })
after(() => Promise.all([redis.close(), postgres.close()]))

const SOURCES = { 'a/a.txt': 'a', 'b/b.txt': 'hold b', 'c/c.txt': 'c', 'd/d.txt': 'hold d' }

for (const backend of ['redis', 'postgres'] as const) {
  test(`${backend}: kill -9 of a worker in the middle of a shard: another one builds it, nothing is doubled, within lockDuration + stalledInterval`, async t => {
    const one = distributedSite(t, { redis, postgres }[backend].url, SOURCES, library)
    const { site, begins, begun, reports, go } = one
    const workers = await Promise.all([one.worker(), one.worker()])
    const context = contextOf()
    const build = site.build(one.builder(), {}, context)
    const { worker: pid } = await begins('b')
    await begins('d')
    const victim = workers.find(({ child }) => child.pid === pid)
    t.ok(victim, 'the shard is built by a child of a worker')
    const killedAt = Date.now()
    await victim?.kill()
    go()
    t.match(await build, { ok: true, diagnostics: [], meta: { shards: 4 } })
    const again = begun().filter(({ shard }) => shard === 'b')
    t.equal(again.length, 2)
    const took = (again[1]?.at ?? Infinity) - killedAt
    t.comment(`${backend}: begun again after ${took} ms`)
    // The lock lasts 1,000 ms, and one looks every 500 ms. A second is for a busy machine.
    t.ok(took <= 2_500, `begun again after ${took} ms`)
    t.strictSame(reports.map(({ shard, where }) => `${shard} ${where}`).sort(), ['a worker', 'b worker', 'c worker', 'd worker'])
    t.match(context.lines, ['the worker that built the shard b is gone: another one gets it'])
    t.strictSame(site.output(), await localOutput(one))
  })
}

const FALLBACKS: readonly { name: string, harm (): unknown, mend (): unknown, says: RegExp }[] = [
  { name: 'killed', harm: () => redis.kill(), mend: () => redis.restart(), says: /built on this machine: Redis is away: / },
  { name: 'restarted empty', harm: () => redis.restart(), mend: () => {}, says: /built on this machine: Redis is away: / },
  { name: 'frozen', harm: () => redis.signal('SIGSTOP'), mend: () => redis.signal('SIGCONT'), says: /built on this machine: Redis is away: no answer within 500 ms/ },
  { name: 'emptied by FLUSHALL', harm: () => redis.ask('FLUSHALL'), mend: () => {}, says: /built on this machine: the queue has lost them/ }
]

for (const { name, harm, mend, says } of FALLBACKS) {
  test(`Redis is ${name} in the middle of a build: it is finished here, with one line, and the next build uses workers again`, async t => {
    const one = distributedSite(t, redis.url, SOURCES, library)
    const { site, reports } = one
    await one.worker()
    const context = contextOf()
    const builder = one.builder({ answerTimeout: 500, connectTimeout: 500 })
    const start = performance.now()
    const build = site.build(builder, {}, context)
    await one.begins('b')
    await harm()
    await until(() => context.lines.some(line => says.test(line)), `a line that says ${says}: ${context.lines}`)
    const told = performance.now() - start
    one.go()
    t.match(await build, { ok: true, diagnostics: [] })
    t.comment(`told after ${Math.round(told)} ms: ${context.lines}`)
    t.equal(context.lines.length, 1, `one line: ${context.lines}`)
    t.ok(reports.some(({ where }) => where === 'local'))
    await mend()
    // A builder that knows nothing, so that all is built anew.
    reports.length = 0
    const next = contextOf()
    site.write('src/b/b.txt', 'another')
    await until(async () => {
      site.write('src/a/a.txt', `another ${Math.random()}`)
      const result = await site.build(one.builder({ answerTimeout: 500, connectTimeout: 500 }), {}, next)
      return result.ok && reports.some(({ where }) => where === 'worker')
    }, 'a worker is used again')
    t.match(site.output()['b/b.html'], 'another')
  })
}

test('Redis is not there, refuses the password, or is full: builds are done here, and no line holds the password', async t => {
  const one = distributedSite(t, redis.url, { 'a/a.txt': 'a', 'b/b.txt': 'b' }, library)
  const { site } = one
  const said = async (connection: string) => {
    const context = contextOf()
    site.write('src/a/a.txt', `a ${Math.random()}`)
    site.write('src/b/b.txt', `b ${Math.random()}`)
    t.match(await site.build(one.builder({ connection, beginTimeout: 300 }), {}, context), { ok: true })
    t.notMatch(context.lines.join(), /open-sesame/)
    return context.lines
  }
  const locked = await startRedis('--requirepass', 'right-password')
  t.teardown(() => locked.close())
  const at = (password: string) => `redis://user:${password}@127.0.0.1:${locked.port}`
  t.match(await said('redis://:open-sesame@127.0.0.1:1'), [/^2 shards are built on this machine: Redis is away: connect ECONNREFUSED 127\.0\.0\.1:1$/])
  t.match(await said(at('open-sesame')), [/Redis is away: WRONGPASS/])
  t.match(await said(`redis://127.0.0.1:${locked.port}`), [/Redis is away: NOAUTH/])
  await redis.ask('CONFIG', 'SET', 'maxmemory', 1)
  t.match(await said(redis.url), [/Redis is away: .*OOM/])
  await redis.ask('CONFIG', 'SET', 'maxmemory', 0)
  await redis.ask('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru')
  t.match(await said(redis.url), [/maxmemory-policy allkeys-lru, which may throw jobs away: set it to noeviction/, /no worker has begun within 300 ms/])
  await redis.ask('CONFIG', 'SET', 'maxmemory-policy', 'noeviction')
})

test('a shard that ends its worker each time fails the build; one that crashes its process is tried three times', async t => {
  const one = distributedSite(t, redis.url, { 'poison/p.txt': 'kill', 'crash/c.txt': 'exit', 'good/g.txt': 'good' }, library)
  const respawn = async (): Promise<void> => {
    const { ended } = await one.worker()
    ended.then(() => { if (!isOver) respawn() })
  }
  let isOver = false
  t.teardown(() => { isOver = true })
  await Promise.all([respawn(), respawn()])
  const result = await one.site.build(one.builder())
  isOver = true
  t.match(result, { ok: false })
  t.match(messages(result).sort(), [/^crash: the build exited with code 3/, /^poison: each worker that built it has ended in the middle of it/])
  t.equal(one.begun().filter(({ shard }) => shard === 'poison').length, 3)
  t.ok(one.begun().filter(({ shard }) => shard === 'crash').length >= 3)
  t.strictSame(one.site.output(), {})
})
