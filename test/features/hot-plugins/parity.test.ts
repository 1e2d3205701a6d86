// A plugin registered natively, as a hot plugin, and reloaded: the same answers, the same hooks in the same order, on several versions of Fastify.
import { once } from 'node:events'
import { connect } from 'node:http2'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import type { FastifyInstance, InjectOptions } from 'fastify'
import { test, type Test } from 'tap'
import { WebSocket } from 'ws'
import { until } from '../../support/wait.js'
import { CASES } from './parity/cases.js'
import { startHost, type Host } from './parity/host.js'

const require = createRequire(import.meta.url)
const VERSIONS = ['fastify-5.0', 'fastify-5.6', 'fastify']
const factoryOf = (name: string) => require(name) as (options: object) => FastifyInstance

/** Token and number of this process, and its port. */
const OURS = /data-[\w-]+=\\?"[^"]*"|127\.0\.0\.1:\d+/g
const VOLATILE = ['date', 'x-ratelimit-reset', 'retry-after']

async function ask ({ app, trace }: Host, url: string, options: InjectOptions = {}) {
  trace.length = 0
  const { statusCode, headers, body, trailers } = await app.inject({ url: `/site${url}`, ...options })
  await until(() => trace.length === 0 || trace.some(line => line.endsWith('onResponse')) || statusCode === 101 || /raw|events/.test(url), 'onResponse')
  // `onResponse` hooks run one after the other.
  await new Promise(resolve => setImmediate(resolve))
  const kept = Object.fromEntries(Object.entries(headers).filter(([name]) => !VOLATILE.includes(name)))
  return { statusCode, headers: kept, body: body.replace(OURS, ''), trailers, trace: [...trace] }
}

async function compare (t: Test, native: Host, hot: Host, what: string): Promise<number> {
  let differences = 0
  for (const [url, options] of CASES) {
    const title = `${what}: ${options?.method ?? 'GET'} ${url.slice(0, 30)} ${JSON.stringify(options?.headers ?? {})}`
    if (!t.strictSame(await ask(hot, url, options), await ask(native, url, options), title)) differences++
  }
  return differences
}

for (const version of VERSIONS) {
  test(`${version}: native and hot, before and after a reload`, async t => {
    const factory = factoryOf(version)
    const [native, hot] = [await startHost(t, factory, 'native'), await startHost(t, factory, 'hot')]
    for (const { app } of [native, hot]) await app.ready()
    t.strictSame(hot.trace, native.trace, 'onRoute and onReady')
    t.strictSame(hot.app.liveReload.plugins.list().map(({ name, serving, error }) => ({ name, serving, error })), [{ name: 'site', serving: true, error: undefined }])
    t.strictSame(documentOf(hot.app), documentOf(native.app), 'the document of @fastify/swagger')
    t.equal(await compare(t, native, hot, 'first'), 0)
    t.ok(await hot.app.liveReload.plugins.reload('site'))
    // Limits of rate begin anew with a version.
    const second = await startHost(t, factory, 'native')
    await second.app.ready()
    t.equal(await compare(t, second, hot, 'reloaded'), 0)
    t.comment(`${version}: ${CASES.length} requests, twice`)
    for (const { app, trace } of [native, hot]) {
      trace.length = 0
      await app.close()
    }
    t.strictSame(hot.trace, native.trace, 'preClose and onClose')
  })

  test(`${version}: over a socket: WebSocket, events, streams, onListen, HTTP/2`, async t => {
    const factory = factoryOf(version)
    const found = []
    for (const kind of ['native', 'hot'] as const) {
      const host = await startHost(t, factory, kind)
      const url = await host.app.listen({ port: 0, host: '127.0.0.1' })
      if (kind === 'hot') t.ok(await host.app.liveReload.plugins.reload('site'))
      const trace = host.trace.filter(line => /onReady|onListen/.test(line)).slice(-2)
      const texts = []
      for (const path of ['stream', 'events', 'html-stream', 'raw', 'trailer']) texts.push((await (await fetch(`${url}/site/${path}`)).text()).replace(OURS, ''))
      found.push({ trace, texts, echo: await echo(url), http2: await overHttp2(t, factory, kind) })
    }
    t.strictSame(found[1], found[0])
  })
}

const documentOf = (app: FastifyInstance): unknown => (app as unknown as { swagger (): unknown }).swagger()

async function echo (url: string): Promise<string> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/site/socket`)
  await once(socket, 'open')
  socket.send('ping')
  const [data] = await once(socket, 'message') as [Buffer]
  socket.close()
  return String(data)
}

async function overHttp2 (t: Test, factory: (options: object) => FastifyInstance, kind: 'native' | 'hot'): Promise<unknown[]> {
  const { app } = await startHost(t, factory, kind, { http2: true })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const session = connect(`http://127.0.0.1:${(app.server.address() as AddressInfo).port}`)
  t.teardown(() => session.destroy())
  const all = []
  for (const path of ['json', 'stream', 'nowhere', 'throw', 'html-stream']) {
    const stream = session.request({ ':path': `/site/${path}`, 'sec-fetch-dest': 'document' })
    const [headers] = await once(stream, 'response') as [Record<string, string>]
    let text = ''
    for await (const chunk of stream) text += String(chunk)
    const { date, ...rest } = headers
    all.push(JSON.stringify([rest, text]).replace(OURS, ''))
  }
  return all
}
