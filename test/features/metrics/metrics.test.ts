import { cpSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import promClient from 'prom-client'
import { test } from 'tap'
import { loadPromClient } from '../../../lib/features/metrics/prom-client.js'
import { startApp } from '../../support/app.js'
import { folder } from '../../support/folder.js'
import { times } from '../../support/times.js'
import { until } from '../../support/wait.js'
import { scrape } from './support.js'

const [SAVES, FAILURES, FALLBACKS] = [times(6, 200), times(3, 50), times(4, 30)]

/** A file that is written within 20 ms of a build, again and again, is taken for one that the build writes. No person saves like that. */
const asPeopleDo = async (): Promise<void> => { await sleep(50) }

test('a counted script of saves, failing builds and fallbacks agrees exactly', async t => {
  const f = folder(t, { 'src/a.txt': 'start', 'public/a.html': '' })
  const live = await startApp(t, {
    root: f.at('public'),
    metrics: true,
    build: {
      name: 'site',
      source: f.at('src'),
      builder: () => {
        const text = readFileSync(f.at('src/a.txt'), 'utf8')
        if (text.startsWith('bad')) return { ok: false }
        writeFileSync(f.at('public/a.html'), text)
        return { meta: { built: ['a', 'b'], cached: 3 } }
      }
    }
  })
  const before = await scrape(live)
  t.equal(before.get('live_reload_builds_total{name="site",outcome="ok"}'), 1, 'the first build')
  const tab = await live.tab()
  const count = (type: string): number => tab.got.filter(message => message.type === type).length
  const failures = (): number => tab.got.filter(message => message.type === 'build' && message.state === 'failed').length
  for (let i = 1; i <= SAVES; i++) {
    await asPeopleDo()
    f.write('src/a.txt', `good ${i}`)
    await until(() => count('reload') === i, `reload ${i}`)
    const { seq } = live.app.liveReload.status()
    tab.socket.send(JSON.stringify({ type: 'applied', seq, kind: 'reload', ms: 7 }))
    await until(() => live.app.liveReload.status().builds.site?.state === 'ok', 'the build is over')
  }
  for (let i = 1; i <= FAILURES; i++) {
    await asPeopleDo()
    f.write('src/a.txt', `bad ${i}`)
    await until(() => failures() === i, `failure ${i}`)
  }
  for (let i = 0; i < FALLBACKS; i++) tab.socket.send(JSON.stringify({ type: 'fallback', from: 'ws', to: 'sse', reason: 'timeout' }))
  t.equal((await scrape(live)).get('live_reload_connection_failures_total'), 0, 'from the start, so that an alert sees the first')
  for (const attempts of [1, 4]) tab.socket.send(JSON.stringify({ type: 'failed', attempts }))
  await until(() => live.app.liveReload.status().fallbacks.timeout === FALLBACKS, 'the fallbacks')
  await until(async () => (await scrape(live)).get('live_reload_connection_failures_total') === 5, 'the tries that failed')
  for (const expected of [200, 200, 404]) t.equal((await live.request(expected === 200 ? '/a.html' : `/gone-${Math.random()}`)).status, expected)
  const told = await scrape(live)
  const at = (series: string): number | undefined => told.get(`live_reload_${series}`)
  t.same({
    ok: at('builds_total{name="site",outcome="ok"}'),
    failed: at('builds_total{name="site",outcome="failed"}'),
    durations: at('build_duration_seconds_count{name="site"}'),
    built: at('shards_total{name="site",outcome="built"}'),
    cached: at('shards_total{name="site",outcome="cached"}'),
    reloads: at('messages_sent_total{type="reload"}'),
    fallbacks: at('fallbacks_total{from="ws",to="sse",reason="timeout"}'),
    input: at('changes_total{source="input"}'),
    output: at('changes_total{source="output"}'),
    seen: at('save_seconds_count{step="seen"}'),
    builtSteps: at('save_seconds_count{step="built"}'),
    sent: at('save_seconds_count{step="sent"}'),
    applied: at('save_seconds_count{step="applied"}'),
    inTab: at('applied_seconds_count{kind="reload",transport="ws"}'),
    opened: at('connections_opened_total{transport="ws"}'),
    connected: at('connections{transport="ws"}'),
    streams: at('connections{transport="sse"}'),
    pages: at('http_requests_total{route="/*",method="GET",status="200"}'),
    served: at('http_request_duration_seconds_count{route="/*"}')
  }, {
    ok: SAVES + 1,
    failed: FAILURES,
    durations: SAVES + FAILURES + 1,
    built: 2 * (SAVES + 1),
    cached: 3 * (SAVES + 1),
    reloads: SAVES,
    fallbacks: FALLBACKS,
    input: SAVES + FAILURES,
    output: SAVES + (before.get('live_reload_changes_total{source="output"}') ?? 0),
    seen: SAVES + FAILURES,
    builtSteps: SAVES,
    sent: SAVES,
    applied: SAVES,
    inTab: SAVES,
    opened: 1,
    connected: 1,
    streams: 0,
    pages: 2,
    served: 2
  })
  t.equal(at('http_requests_total{route="unmatched",method="GET",status="404"}'), 1, 'by pattern, never by URL')
  t.equal([...told].filter(([name]) => name.includes('gone-')).length, 0)
  t.ok((at('save_seconds_sum{step="applied"}') as number) >= (at('save_seconds_sum{step="sent"}') as number), 'each step is measured from the save')
  t.equal(at('watch_state{state="ok"}'), 1)
  t.equal(at('watch_state{state="failed"}'), 0)
  t.equal(at('watched_files'), live.app.liveReload.status().watch.files)
  t.ok((at('event_loop_delay_seconds{quantile="0.99"}') as number) >= 0)
  tab.socket.close()
  await until(async () => (await scrape(live)).get('live_reload_connections_closed_total{transport="ws"}') === 1, 'closed')
})

test('an aborted build, a reload that the app asks for, hot plugins, what is not built', async t => {
  const f = folder(t, { 'src/a.txt': '', 'views/a.ejs': '', 'plugins/bot.js': 'export default async app => { app.get("/bot", () => "1") }', 'package.json': '{ "type": "module" }' })
  let isFirst = true
  const live = await startApp(t, {
    metrics: true,
    watch: f.at('views'),
    plugins: { dir: f.at('plugins') },
    build: {
      name: 'site',
      source: f.at('src'),
      builder: (_request, { signal }) => {
        if (!isFirst) return
        isFirst = false
        setImmediate(() => f.write('src/a.txt', 'newer'))
        return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
      }
    }
  })
  const told = async (series: string, value: number) => until(async () => (await scrape(live)).get(`live_reload_${series}`) === value, `${series} is ${value}`)
  await told('builds_total{name="site",outcome="aborted"}', 1)
  live.app.liveReload.reload()
  f.write('views/a.ejs', 'nobody is there')
  await told('changes_total{source="watch"}', 1)
  await told('save_seconds_count{step="seen"}', 2)
  t.equal((await scrape(live)).get('live_reload_save_seconds_count{step="sent"}'), undefined, 'sent to nobody')
  t.equal((await scrape(live)).get('live_reload_messages_sent_total{type="reload"}'), undefined)
  const old = f.write('views/old.ejs', '')
  utimesSync(old, 1, 1)
  for (let i = 0; i < 2; i++) live.app.liveReload.emit('change', { source: 'output', changes: [{ path: old, type: 'create', seen: performance.now() }] })
  await told('save_seconds_count{step="seen"}', 4)
  t.ok((await scrape(live)).get('live_reload_save_seconds_sum{step="seen"}') as number < 1000, 'a file that was moved here was not saved then')
  const tab = await live.tab()
  live.app.liveReload.reload()
  await told('messages_sent_total{type="reload"}', 1)
  tab.socket.send(JSON.stringify({ type: 'applied', seq: 999, kind: 'update', ms: -1 }))
  await told('applied_seconds_count{kind="update",transport="ws"}', 1)
  f.write('plugins/bot.js', 'export default async app => { app.get("/bot", () => "2") }')
  await told('plugin_reloads_total{outcome="ok"}', 1)
  f.write('plugins/bot.js', 'export default {')
  await told('plugin_reloads_total{outcome="failed"}', 1)
  f.write('views/b.ejs', '')
  await told('save_seconds_count{step="sent"}', 1)
  for (let i = 0; i < 101; i++) {
    live.app.liveReload.update(f.at('views/a.ejs'))
    live.app.liveReload.emit('change', { source: 'watch', changes: [{ path: f.at('views/none'), type: 'delete', seen: performance.now() }] })
    live.app.liveReload.emit('send', { message: { type: 'reload', seq: 1000 + i }, clients: 1 })
  }
  tab.socket.send(JSON.stringify({ type: 'applied', seq: 1000, kind: 'reload', ms: 1 }))
  tab.socket.send(JSON.stringify({ type: 'applied', seq: 1100, kind: 'reload', ms: 1 }))
  await told('applied_seconds_count{kind="reload",transport="ws"}', 2)
  await told('save_seconds_count{step="applied"}', 1)
  await told('changes_total{source="plugin"}', 2)
  live.app.liveReload.emit('build:end', { name: 'other', id: '1', result: { ok: true, ms: 1, diagnostics: [] } })
  await told('builds_total{name="other",outcome="ok"}', 1)
})

test('the number of series is bounded: a thousand routes, any URL, refused connections', async t => {
  const live = await startApp(t, { metrics: true, security: { maxConnections: 1 } }, {
    after: app => { for (let i = 0; i < 1000; i++) app.get(`/page-${i}`, () => 'x') }
  })
  await Promise.all(Array.from({ length: 1000 }, (_, i) => live.app.inject(`/page-${i}`)))
  await live.app.inject('/gone')
  for (const headers of [{ host: 'evil.test' }, { host: '' }]) await live.request('/__live/events', { headers })
  await live.request('/__live/socket')
  await live.tab()
  t.equal((await live.request('/__live/events')).status, 503)
  const told = await scrape(live)
  const series = [...told].filter(([name]) => name.startsWith('live_reload_http_requests_total'))
  t.equal(series.length, 202, '200 routes, and two for all others')
  t.equal(told.get('live_reload_http_requests_total{route="unmatched",method="GET",status="404"}'), 1, 'however many routes came before')
  t.equal(told.get('live_reload_http_requests_total{route="other",method="GET",status="200"}'), 800)
  t.equal(series.reduce((sum, [, value]) => sum + value, 0), 1001, 'nothing is lost')
  t.equal(told.get('live_reload_connections_refused_total{reason="forbidden"}'), 1)
  t.equal(told.get('live_reload_connections_refused_total{reason="malformed"}'), 1)
  t.equal(told.get('live_reload_connections_refused_total{reason="full"}'), 1)
  t.equal(told.get('live_reload_connections_refused_total{reason="other"}'), 1)
})

test('connections that a hook of the app refuses are told from those that the rate limit does', async t => {
  const registry = new promClient.Registry()
  const { request } = await startApp(t, { metrics: { registry }, security: { rateLimit: { max: 1, window: 60_000 } } }, {
    before: app => app.addHook('onRequest', async (request, reply) => { if (request.headers['x-login'] !== undefined) return reply.code(429).send() })
  })
  await request('/__live/health')
  for (const headers of [{}, {}, { 'X-Login': '1' }] as Record<string, string>[]) t.equal((await request('/__live/events', { headers })).status, 429)
  const text = await registry.metrics()
  t.match(text, 'live_reload_connections_refused_total{reason="rate"} 2\n')
  t.match(text, 'live_reload_connections_refused_total{reason="app"} 1\n')
})

test('the route is behind the gate, and only there with the option', async t => {
  const on = await startApp(t, { metrics: { path: '/prom' } })
  const { status, headers } = await on.request('/__live/prom')
  t.equal(status, 200)
  t.match(headers['content-type'], /^text\/plain; version=0\.0\.4/)
  t.equal((await on.request('/__live/prom', { headers: { host: 'evil.test' } })).status, 403)
  const off = await startApp(t, {})
  t.equal((await off.request('/__live/metrics')).status, 404)
})

test("the app's own registry, prefix and buckets; after the app closes it is as before", async t => {
  const registry = new promClient.Registry()
  const own = new promClient.Counter({ name: 'jobs_total', help: 'jobs', registers: [registry] })
  own.inc()
  const options = { metrics: { registry, prefix: 'dev_', buckets: [0.1, 1] } }
  const { app, ...live } = await startApp(t, options)
  await app.inject('/gone')
  const told = await scrape(live)
  t.equal(told.get('jobs_total'), 1)
  t.same([...told].filter(([name]) => name.startsWith('dev_http_request_duration_seconds_bucket')).map(([name]) => /le="([^"]+)"/.exec(name)?.[1]), ['0.1', '1', '+Inf'])
  await t.rejects(startApp(t, options), { code: 'FST_LIVE_RELOAD_DUPLICATE', message: /has a metric dev_\w+ already; set `metrics\.prefix`/ })
  await app.close()
  t.same(registry.getMetricsAsArray().map(({ name }) => name), ['jobs_total'])
  await startApp(t, options)
})

test('resetMetrics() of the registry begins anew, also with what nobody has read yet', async t => {
  const registry = new promClient.Registry()
  const live = await startApp(t, { metrics: { registry } }, { after: app => { app.get('/x', () => 'x') } })
  const names = ['http_requests_total{route="/x",method="GET",status="200"}', 'http_request_duration_seconds_count{route="/x"}', 'http_request_duration_seconds_bucket{le="+Inf",route="/x"}']
  const told = async () => { const all = await scrape(live); return names.map(name => all.get(`live_reload_${name}`) ?? 0) }
  await live.app.inject('/x')
  t.strictSame(await told(), [1, 1, 1])
  await live.app.inject('/x')
  registry.resetMetrics()
  t.strictSame(await told(), [0, 0, 0])
  t.equal((await scrape(live)).get('live_reload_http_request_duration_seconds_sum{route="/x"}'), 0)
  await live.app.inject('/x')
  t.strictSame(await told(), [1, 1, 1], 'and counts on')
})

test('a path that another route has is an error that names the option', async t => {
  for (const path of ['/health', '/events', '/socket', '/status', '/overlay']) {
    await t.rejects(startApp(t, { metrics: { path } }), { code: 'FST_LIVE_RELOAD_DUPLICATE', message: `live reload: \`metrics.path\` is ${path}, and there is another route /__live${path}; choose another path` }, path)
  }
  await t.rejects(startApp(t, { metrics: true }, { before: app => { app.get('/__live/metrics', () => 'mine') } }), { code: 'FST_LIVE_RELOAD_DUPLICATE', message: /`metrics\.path`/ })
  await t.resolves(startApp(t, { metrics: { path: '/applied' } }), 'what is only posted to is no other page')
})

test('wrong options name what is wrong; without prom-client an error says what to install', async t => {
  for (const [metrics, message] of [
    ['yes', /`metrics` must be true, false or \{ registry\?/],
    [{ registries: 1 }, /unknown option `metrics\.registries`/],
    [{ registry: {} }, /`metrics\.registry` must be a Registry of prom-client/],
    [{ path: 'metrics' }, /`metrics\.path` must be a path/],
    [{ prefix: '1a' }, /`metrics\.prefix` must be letters/],
    [{ buckets: [1, 0.5] }, /`metrics\.buckets` must be a list of seconds above 0 in ascending order/],
    [{ buckets: [] }, /`metrics\.buckets` must be/],
    [{ buckets: [0] }, /`metrics\.buckets` must be/]
  ] as const) await t.rejects(startApp(t, { metrics: metrics as never }), { message }, JSON.stringify(metrics))
  await t.rejects(loadPromClient(() => import('prom-client-that-is-not-there' as string)), { code: 'FST_LIVE_RELOAD_NO_PROM_CLIENT', message: /npm install prom-client \(Cannot find package/ })
  await t.rejects(loadPromClient(undefined, () => '14.2.0'), { code: 'FST_LIVE_RELOAD_NO_PROM_CLIENT', message: /needs prom-client 15 or newer.*\(found 14\.2\.0\)/ })
  t.ok(await loadPromClient(undefined, () => '16.0.0-beta.1'))
})

test('a registry of another copy of prom-client works where it can, and is warned of', async t => {
  const { path } = folder(t)
  cpSync(dirname(createRequire(import.meta.url).resolve('prom-client/package.json')), path, { recursive: true })
  symlinkSync(new URL('../../../node_modules', import.meta.url), join(path, 'node_modules'), 'junction')
  const { Registry } = createRequire(import.meta.url)(path) as typeof promClient
  const registry = new Registry()
  const { request, lines } = await startApp(t, { metrics: { registry } })
  t.match((await request('/__live/metrics')).text, 'live_reload_watched_files 0')
  t.equal(lines.filter(line => line.includes('`metrics.registry` comes from another copy of prom-client')).length, 1)
  const own = await startApp(t, { metrics: { registry: new promClient.Registry() } })
  t.notMatch(own.lines.join(''), 'another copy')
})
