// The limit of requests to our routes: who is refused, what is not counted, and that no browser reaches it.
import { get } from 'node:http'
import Fastify from 'fastify'
import { test } from 'tap'
import liveReload from '../../lib/index.js'
import { RateLimit } from '../../lib/broadcast/rate-limit.js'
import { parseOptions } from '../../lib/options/parse.js'
import type { RateLimitSettings } from '../../lib/options/settings.js'
import { startApp } from '../support/app.js'
import { manualClock } from '../support/clock.js'
import { folder } from '../support/folder.js'
import { upgrade } from '../support/http.js'

const take = (limit: RateLimit, address: string, times: number) => Array.from({ length: times }, () => limit.take(address))

test('each address has its share, and all together have one; the next window begins with the next request', t => {
  const clock = manualClock(5000)
  const limit = new RateLimit({ max: 3, total: 5, window: 1000 }, clock)
  t.strictSame(take(limit, 'a', 4), [0, 0, 0, 1000])
  clock.advance(400)
  t.strictSame(take(limit, 'b', 3), [0, 0, 600], 'two are left of all')
  t.equal(limit.take('c'), 600)
  clock.advance(599)
  t.equal(limit.take('a'), 1)
  clock.advance(1)
  t.strictSame(take(limit, 'a', 3), [0, 0, 0], 'what was refused does not count in the next window')
  t.strictSame(take(limit, 'c', 3), [0, 0, 1000])
  clock.advance(100_000)
  t.equal(limit.take('c'), 0)
  t.end()
})

test('by default a thousand tabs of one browser may connect at once, and a hundred may restart five times', t => {
  const { security: { rateLimit } } = parseOptions({}) as { security: { rateLimit: RateLimitSettings } }
  // A tab whose server restarts: its health, the page's modules, the connection, and that it has arrived.
  for (const requests of [1000 * 2, 100 * 4 * 5]) {
    const limit = new RateLimit(rateLimit, manualClock())
    t.ok(take(limit, 'a', requests).every(wait => wait === 0), `${requests} requests`)
  }
  t.end()
})

test('beyond security.rateLimit our routes answer 429, with Retry-After, and the log says so once', async t => {
  const { request, port, lines } = await startApp(t, { security: { rateLimit: { max: 5, window: 60_000 } } }, {
    server: { trustProxy: true },
    after: app => app.get('/page', (_, reply) => reply.type('text/html').send('<!doctype html><title>x</title>'))
  })
  for (let i = 0; i < 20; i++) {
    t.equal((await request('/__live/health', { headers: { Host: 'evil.test' } })).status, 403)
    t.equal((await request('/__live/health', { headers: { 'Sec-Fetch-Site': 'cross-site' } })).status, 403, 'another site cannot use it up')
    t.equal((await request('/__live/client.js')).status, 200, 'a script')
  }
  for (let i = 0; i < 5; i++) t.equal((await request('/__live/health', { headers: { 'X-Forwarded-For': `10.0.0.${i}` } })).status, 200)
  for (const headers of [{}, { 'X-Forwarded-For': '10.0.0.9' }]) {
    const { status, headers: { 'retry-after': seconds, ...others }, text } = await request('/__live/health', { headers })
    t.equal(status, 429)
    t.ok(Number(seconds) > 0 && Number(seconds) <= 60, `${seconds} s`)
    t.match(others, { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', 'content-type': 'text/plain; charset=utf-8' })
    t.match(text, /^live reload: too many requests; ask again in \d+ s \(security\.rateLimit\)$/)
  }
  t.equal((await upgrade(port, '/__live/socket')).status, 429, 'the socket')
  t.equal((await request('/__live/events')).status, 429, 'the stream')
  t.equal((await request('/__live/client.js')).status, 200, 'a page gets its script')
  t.equal((await request('/page')).status, 200, 'pages of the app')
  const warnings = lines.filter(line => line.includes('"level":40') && line.includes('429'))
  t.equal(warnings.length, 1)
  t.match(warnings.join(), /more than 5 requests from 127\.0\.0\.1, or 25 in all, within 60 s.*raise security\.rateLimit/)
})

test('rateLimit: false', async t => {
  const { app } = await startApp(t, { security: { rateLimit: false } })
  const answers = await Promise.all(Array.from({ length: 2500 }, () => app.inject('/__live/health')))
  t.ok(answers.every(({ statusCode }) => statusCode === 200))
})

test('connections by a socket in the file system have no address, and one share', async t => {
  const lines: string[] = []
  const app = Fastify({ logger: { level: 'warn', stream: { write: line => { lines.push(line) } } } })
  t.teardown(() => app.close())
  await app.register(liveReload, { security: { rateLimit: { max: 1, window: 60_000 } } })
  const socketPath = folder(t).at('socket')
  await app.listen({ path: socketPath })
  const ask = () => new Promise(resolve => get({ socketPath, path: '/__live/health', headers: { Host: 'localhost' }, agent: false }, answer => resolve(answer.resume().statusCode)))
  t.strictSame([await ask(), await ask()], [200, 429])
  t.match(lines.join(''), 'more than 1 requests from a local socket')
})
