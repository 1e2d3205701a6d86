// Shards on workers, over a real Redis and a real PostgreSQL: what comes out, and what the broker gets to see.
import { after, before, test } from 'tap'
import { distributed } from '../../lib/distributed/coordinator/distributed.js'
import type { DistributedOptions, ServeOptions, ShardReport } from '../../lib/distributed/options.js'
import { serveShards } from '../../lib/distributed/worker/serve-shards.js'
import { processExecutor } from '../../lib/shards/run/executors.js'
import { contextOf, messages, smallSite, type SmallSite } from '../shards/small-site.js'
import { startPostgres, startRedis, type PostgresServer, type RedisServer } from '../support/brokers.js'
import { temporary } from '../support/folder.js'

// The children need no more than TypeScript: they start much faster than with all that tap loads.
process.execArgv.splice(0, Infinity, '--import=./test/setup/typescript.js')

const SECRET = 'a secret of the tests'
const executor = processExecutor({ size: 2 })
let redis: RedisServer
let postgres: PostgresServer
before(async () => { [redis, postgres] = await Promise.all([startRedis(), startPostgres(temporary(after))]) })
after(() => Promise.all([redis.close(), postgres.close(), executor.close()]))

let projects = 0
/** A site, a worker of it and a builder that sends to it. Each test has a project of its own. */
function setUp (t: Parameters<typeof smallSite>[0], sources: Readonly<Record<string, string>>) {
  const site = smallSite(t, sources)
  const reports: ShardReport[] = []
  const logs: string[] = []
  const shared = { connection: redis.url, store: site.at('store'), secret: SECRET, project: `test-${++projects}` }
  return {
    site,
    reports,
    logs,
    shared,
    async serve (options: Partial<ServeOptions> = {}) {
      const server = await serveShards({ ...shared, cwd: site.at('.'), executor, log: line => { logs.push(line) }, ...options })
      t.teardown(() => server.close())
      return server
    },
    builder: (options: Partial<DistributedOptions> = {}) => site.builder({ minPages: 0, on: distributed({ ...shared, onShard: report => { reports.push(report) }, ...options }) })
  }
}

const sources = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`page-${i}.txt`, `text ${i}`]))
const localOutput = async (site: SmallSite) => {
  await site.build(site.builder({ outDir: site.at('here') }))
  return site.output('here')
}

for (const backend of ['redis', 'postgres'] as const) {
  test(`${backend}: workers build all shards, and the site is the same to the byte as one built here`, async t => {
    const { site, serve, builder, reports } = setUp(t, sources)
    const connection = { redis, postgres }[backend].url
    await serve({ connection })
    const context = contextOf()
    const result = await site.build(builder({ connection }), {}, context)
    t.match(result, { ok: true, diagnostics: [] })
    t.strictSame(site.output(), await localOutput(site))
    t.ok(reports.length > 5 && reports.every(({ where }) => where === 'worker'), 'all by the worker')
    t.strictSame(context.lines, [])
  })
}

test('a shard that fails is one diagnostic with its id and the place in this directory', async t => {
  const { site, serve, builder } = setUp(t, { 'good.txt': 'good', 'bad.txt': 'throw' })
  await serve()
  const result = await site.build(builder({}))
  t.match(result, { ok: false })
  t.match(messages(result), [/^\d+: broken: bad\.txt$/])
  t.equal(result.diagnostics[0]?.file, site.at('shard.mjs'))
})
