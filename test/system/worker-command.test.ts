// `fastify-live-reload worker` as a real process.
import { after, before, test } from 'tap'
import { start } from '../entries/cli/support.js'
import { distributedSite, SECRET } from '../entries/distributed/site.js'
import { startRedis, type RedisServer } from '../support/brokers.js'
import { until } from '../support/wait.js'

// What is built here is built in this process: another one would take a second to start.
process.env.LIVE_RELOAD_BUILD_EXECUTOR = 'inline'
let redis: RedisServer
before(async () => { redis = await startRedis() })
after(() => redis.close())

test('a worker builds what its directory has, and ends at SIGTERM while it builds', async t => {
  const one = distributedSite(t, redis.url, { 'a/a.txt': 'a', 'b/b.txt': 'hold' })
  const { connection, project, store } = one.shared
  const worker = start({ cwd: one.site.at('.'), env: { LIVE_RELOAD_WORKER_SECRET: SECRET } }, 'worker', '--connection', connection, '--store', store, '--project', project, '--concurrency', '2')
  t.teardown(() => worker.child.kill('SIGKILL'))
  await until(() => worker.said().includes(`builds up to 2 shards at once of the project ${project}\n`), 'it serves', 60_000)
  const build = one.site.build(one.builder({ beginTimeout: 2_000 }))
  await one.begins('b')
  await until(() => one.reports.length === 1, 'the other shard is done')
  worker.child.kill('SIGTERM')
  t.match(await worker.ended, { code: 143, stderr: '' })
  one.go()
  t.match(await build, { ok: true })
  t.match(one.reports.map(({ shard, where }) => `${shard} ${where}`).sort(), ['a worker', 'b local'])
})
