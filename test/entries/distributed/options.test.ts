// Options, passwords in messages, warnings, and packages that are missing.
import { readFile } from 'node:fs/promises'
import { test } from 'tap'
import { explainWith } from '../../../lib/entries/distributed/broker/hide.js'
import { loadPackages } from '../../../lib/entries/distributed/broker/packages.js'
import { warnOfConnection, warnOfEviction } from '../../../lib/entries/distributed/broker/warnings.js'
import { distributed, serveShards } from '../../../lib/entries/distributed/index.js'
import { parseDistributed, parseServe } from '../../../lib/entries/distributed/options.js'
import { installable, PEERS, type Peer } from '../../../lib/entries/shards/peers.js'
import { inlineExecutor, threadExecutor } from '../../../lib/entries/shards/run/executors.js'
import { folder } from '../../support/folder.js'

const SECRET = 'a secret of the tests'
const base = { connection: 'redis://localhost', store: '/store', secret: SECRET }

test('defaults', t => {
  t.match(parseDistributed(base), { backend: 'redis', project: 'default', lockDuration: 10_000, stalledInterval: 3_000, connectTimeout: 2_000, answerTimeout: 2_000, beginTimeout: 5_000, progressTimeout: 600_000 })
  t.equal(parseDistributed(base).onShard({} as never), undefined)
  t.equal(parseDistributed({ ...base, connection: 'postgres://localhost/a' }).backend, 'postgres')
  t.equal(parseDistributed({ ...base, connection: 'postgresql://localhost/a' }).backend, 'postgres')
  t.equal(parseDistributed({ ...base, connection: { host: 'localhost' }, backend: 'postgres' }).backend, 'postgres')
  t.match(parseServe(base), { cwd: process.cwd(), modules: undefined, concurrency: undefined, executor: undefined })
  t.strictSame(parseServe({ ...base, shard: './a/b.js' }).modules, ['a/b.js'])
  const store = { get: () => undefined, put () {} }
  t.equal(parseServe({ ...base, store }).store, store)
  const executor = threadExecutor()
  t.equal(parseServe({ ...base, executor }).executor, executor)
  process.env.LIVE_RELOAD_WORKER_SECRET = 'a secret of the environment'
  t.equal(parseServe({ ...base, secret: undefined }).secret, 'a secret of the environment')
  delete process.env.LIVE_RELOAD_WORKER_SECRET
  t.end()
})

test('wrong options are coded errors that name them, and show no secret', async t => {
  const fail = (options: object, message: RegExp) => {
    t.throws(() => distributed({ ...base, ...options } as never), { code: /^FST_LIVE_RELOAD_(?:INVALID|UNKNOWN)_OPTION$/, message })
  }
  fail({ connection: undefined }, /`distributed\.connection` must be a URL that begins with redis:\/\/, .* got undefined/)
  fail({ connection: 'http://user:open-sesame@host' }, /^(?!.*open-sesame).*`distributed\.connection`/)
  fail({ connection: [] }, /`distributed\.connection`/)
  fail({ backend: 'mysql' }, /`distributed\.backend` must be 'redis' or 'postgres'/)
  fail({ store: undefined }, /`distributed\.store`/)
  fail({ store: { get () {} } }, /`distributed\.store`/)
  fail({ secret: undefined }, /`distributed\.secret` must be a text of at least 16 characters, .*LIVE_RELOAD_WORKER_SECRET, got undefined/)
  fail({ secret: 'open-sesame' }, /^(?!.*open-sesame).*got one of 11/)
  fail({ project: 'a:b' }, /`distributed\.project`/)
  fail({ lockDuration: 5 }, /`distributed\.lockDuration` must be a whole number from 100/)
  fail({ beginTimeout: 0 }, /`distributed\.beginTimeout`/)
  fail({ onShard: true }, /`distributed\.onShard` must be a function/)
  fail({ retries: 5 }, /unknown option `distributed\.retries`/)
  const refuse = (options: object, message: RegExp) => t.rejects(serveShards({ ...base, ...options } as never), { message })
  await refuse({ executor: inlineExecutor() }, /`serveShards\.executor` must be an Executor of processes or threads/)
  await refuse({ concurrency: 0 }, /`serveShards\.concurrency`/)
  await refuse({ shard: '/absolute.js' }, /`serveShards\.shard` must be a path relative to `cwd`/)
  await refuse({ cwd: 5 }, /`serveShards\.cwd`/)
  await refuse({ workers: 5 }, /unknown option `serveShards\.workers`/)
})

test('messages hold no password and no secret', t => {
  const say = (connection: string | Record<string, unknown>, error: unknown) => explainWith({ connection, secret: SECRET })(error)
  t.equal(say('redis://:open%20sesame@host', new Error('AUTH open sesame or open%20sesame')), 'AUTH *** or ***')
  t.equal(say({ password: 'open-sesame', sentinelPassword: 'closed-sesame', port: 5 }, new Error('open-sesame closed-sesame')), '*** ***')
  t.equal(say({ connectionString: 'postgres://a:open-sesame@host' }, new Error('open-sesame')), '***')
  t.equal(say('redis://host', new Error(`of ${SECRET} and redis://a:b@host`)), 'of *** and redis://a:***@host')
  t.equal(say('redis://host', Object.assign(new Error(''), { code: 'ECONNREFUSED' })), 'ECONNREFUSED')
  t.equal(say('redis://host', 'a text\nof two'), 'a text?of two')
  t.end()
})

test('remote connections without TLS and password, and policies that throw jobs away, are warned of', t => {
  const warn = (connection: string | Record<string, unknown>, backend: 'redis' | 'postgres' = 'redis') => warnOfConnection({ connection, backend })
  t.match(warn('redis://10.0.0.5'), /the connection to 10\.0\.0\.5 has neither TLS nor a password.*rediss:\/\//)
  t.match(warn('postgres://db.example.com/a', 'postgres'), /db\.example\.com.*sslmode=require/)
  t.match(warn('postgres://db.example.com/a?sslmode=disable', 'postgres'), /neither/)
  t.match(warn({ host: 'broker' }), /broker/)
  t.match(warn({ connectionString: 'postgres://db/a' }, 'postgres'), /to db has/)
  for (const fine of ['redis://localhost', 'redis://127.0.0.1', 'redis://[::1]', 'rediss://10.0.0.5', 'redis://:p@10.0.0.5', 'postgres://a@db/a?sslmode=require', 'postgres:///a?host=/run/postgresql',
    { host: 'broker', tls: {} }, { host: 'broker', password: 'p' }, { path: '/run/redis.sock' }, {}]) t.equal(warn(fine), undefined, JSON.stringify(fine))
  t.equal(warnOfEviction('used_memory:1\r\nmaxmemory_policy:noeviction\r\n'), undefined)
  t.equal(warnOfEviction(''), undefined)
  t.match(warnOfEviction('a:1\r\nmaxmemory_policy:volatile-ttl\r\n'), /volatile-ttl.*set it to noeviction/)
  t.end()
})

test('a package that is missing is named', async t => {
  const without = (missing: string) => async (name: string) => {
    if (name === missing) throw Object.assign(new Error(`Cannot find package '${name}'`), { code: 'ERR_MODULE_NOT_FOUND' })
    return { default: {} }
  }
  const fail = (missing: string, backend: 'redis' | 'postgres', message: RegExp) => t.rejects(loadPackages(backend, without(missing)), { code: 'FST_LIVE_RELOAD_NO_QUEUE', message })
  await fail('bullmq', 'redis', /need the package bullmq \^6\.7\.0 \(ERR_MODULE_NOT_FOUND\): npm install bullmq@\^6\.7\.0$/)
  await fail('ioredis', 'redis', /npm install ioredis@latest$/)
  await fail('pg', 'postgres', /npm install pg@latest$/)
  await t.rejects(loadPackages('redis', async () => { throw new Error('broken') }), /\(broken\)/)
  t.equal((await loadPackages('postgres', without('ioredis'))).Redis, undefined)
  t.ok((await loadPackages('redis')).Redis)
  t.match(await loadPackages('redis', async () => ({ Redis: 5 })), { Redis: 5 })
})

test('a package of another version is named, with what was found and what is wanted', async t => {
  const rows: readonly [name: Peer, version: unknown, found: boolean][] = [
    ['bullmq', '6.6.9', true], ['bullmq', '7.0.0', true], ['bullmq', '6.7.0', false], ['bullmq', '6.12.1', false],
    ['ioredis', '4.28.5', true], ['ioredis', '5.0.0', false], ['ioredis', '6.0.0', false], ['pg', '7.18.2', true], ['pg', '8.0.0', false], ['pg', 5, false]
  ]
  const load = async () => ({ default: {} })
  for (const [name, version, found] of rows) {
    const from = folder(t, { [`node_modules/${name}/package.json`]: JSON.stringify({ version }) }).at('x.js')
    const loading = loadPackages(name === 'pg' ? 'postgres' : 'redis', load, from)
    if (found) await t.rejects(loading, { code: 'FST_LIVE_RELOAD_NO_QUEUE', message: `live reload: shards on other machines need the package ${name} ${PEERS[name]} (found ${version}): npm install ${installable(name)}` })
    else await t.resolves(loading, `${name} ${version}`)
  }
  const { peerDependencies } = JSON.parse(await readFile('package.json', 'utf8')) as { peerDependencies: Record<string, string> }
  t.match(peerDependencies, PEERS)
})

test('an async onShard that rejects does no harm', async t => {
  const unhandled: unknown[] = []
  const listen = (reason: unknown) => { unhandled.push(reason) }
  process.on('unhandledRejection', listen)
  t.teardown(() => process.off('unhandledRejection', listen))
  const { onShard } = parseDistributed({ ...base, onShard: async () => { throw new Error('metrics are away') } })
  onShard({ shard: 'a', where: 'worker', totalMs: 1, ms: 1 })
  // Node tells of them when the microtasks have run.
  await new Promise(resolve => setImmediate(resolve))
  t.strictSame(unhandled, [])
})

test('an onShard that throws does no harm', t => {
  const { onShard } = parseDistributed({ ...base, onShard: () => { throw new Error('metrics are away') } })
  onShard({ shard: 'a', where: 'worker', totalMs: 1, ms: 1 })
  t.end()
})
