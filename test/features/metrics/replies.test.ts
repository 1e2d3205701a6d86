import { connect } from 'node:http2'
import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { test } from 'tap'
import { startApp, type Around } from '../../support/app.js'
import { rawUpgrade } from '../../support/raw.js'
import { until } from '../../support/wait.js'
import { scrape } from './support.js'

const COUNT = 'live_reload_http_requests_total'

const routes = (app: FastifyInstance): void => {
  app.get('/data/:id', async () => ({}))
  app.get('/stream', (_request, reply) => reply.send(Readable.from(['a', 'b'])))
  app.get('/own', (_request, reply) => {
    reply.hijack()
    reply.raw.writeHead(202).end('x')
  })
  app.get('/fails', async () => { throw new Error('x') })
}
/** Replies before a hook of the plugin runs. */
const login = (app: FastifyInstance): unknown => app.addHook('onRequest', async (request, reply) => {
  if ('stranger' in (request.query as object)) return await reply.code(401).send('log in')
})

const apps: [string, Around['server']][] = [
  ['an app with a logger', {}],
  ['an app without one', { logger: false }]
]

for (const [name, server] of apps) {
  test(`${name}: every reply is counted once, whatever ends it`, async t => {
    const live = await startApp(t, { metrics: true }, { before: login, after: routes, ...server && { server } })
    for (const path of ['/data/1', '/data/2', '/stream', '/own', '/fails', '/gone', '/data/3?stranger']) await live.request(path)
    await live.request('/data/4', { method: 'HEAD' })
    await live.app.inject('/data/5')
    await rawUpgrade(live.port, '/data/6', ['Host: localhost'], { untilEnd: true })
    const expected = {
      [`${COUNT}{route="/data/:id",method="GET",status="200"}`]: 4,
      [`${COUNT}{route="/data/:id",method="GET",status="401"}`]: 1,
      [`${COUNT}{route="/data/:id",method="HEAD",status="200"}`]: 1,
      [`${COUNT}{route="/stream",method="GET",status="200"}`]: 1,
      [`${COUNT}{route="/own",method="GET",status="202"}`]: 1,
      [`${COUNT}{route="/fails",method="GET",status="500"}`]: 1,
      [`${COUNT}{route="unmatched",method="GET",status="404"}`]: 1
    }
    const told = await scrape(live)
    t.same(Object.fromEntries([...told].filter(([series]) => series.startsWith(COUNT))), expected)
    t.equal(told.get('live_reload_http_request_duration_seconds_count{route="/data/:id"}'), 6)
  })
}

test('the time of a reply is that until its end', async t => {
  const live = await startApp(t, { metrics: true }, {
    server: { logger: false },
    after: app => app.get('/slow', (_request, reply) => reply.send(Readable.from((async function * () {
      yield 'a'
      await new Promise(resolve => setTimeout(resolve, 60))
      yield 'b'
    })())))
  })
  await live.request('/slow')
  t.ok((await scrape(live)).get('live_reload_http_request_duration_seconds_sum{route="/slow"}') as number >= 0.05)
})

test('replies over HTTP/2 are counted', async t => {
  const live = await startApp(t, { metrics: true }, { after: routes, server: { http2: true, logger: false } as object })
  const session = connect(live.url)
  t.teardown(() => session.destroy())
  const ask = async (path: string): Promise<string> => {
    const stream = session.request({ ':path': path })
    let text = ''
    for await (const part of stream.setEncoding('utf8')) text += part
    return text
  }
  await ask('/data/1')
  await until(async () => (await ask('/__live/metrics')).includes(`${COUNT}{route="/data/:id",method="GET",status="200"} 1`), 'counted')
})

test('two apps in one process count their own', async t => {
  const [one, other] = [await startApp(t, { metrics: true }, { after: routes }), await startApp(t, { metrics: true }, { after: routes })]
  await one.request('/data/1')
  t.equal((await scrape(one)).get(`${COUNT}{route="/data/:id",method="GET",status="200"}`), 1)
  t.equal((await scrape(other)).get(`${COUNT}{route="/data/:id",method="GET",status="200"}`), undefined)
})
