// The plugin replaces, wraps and deletes nothing on the objects of the host.
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { test, type Test } from 'tap'
import liveReload from '../lib/index.js'
import { folder } from './support/folder.js'
import './support/preload.js'

const HTML = '<!doctype html><html><head><title>x</title></head><body>hello</body></html>'

/** Own properties by name, functions and accessors marked: a method of a prototype is not among them. */
function ownProperties (object: object): string[] {
  return Reflect.ownKeys(object).map(key => {
    const { value, get } = Object.getOwnPropertyDescriptor(object, key) as PropertyDescriptor
    return `${String(key)}${typeof value === 'function' ? '()' : get === undefined ? '' : ' (getter)'}`
  }).sort()
}

async function inspect (t: Test, withPlugin: boolean, isHot = false) {
  const { path, at } = folder(t, { 'index.html': HTML, 'plugins/page.mjs': 'export default async (app, { serve }) => serve(app)' })
  const app = Fastify({ forceCloseConnections: true })
  t.teardown(() => app.close())
  // Fastify gives replies other fields as soon as anything is decorated.
  app.decorateReply('own', () => {})
  const serve = async (scope: FastifyInstance) => {
    scope.get('/', (request, reply) => {
      look('in the handler', request, reply)
      return reply.type('text/html').send(HTML)
    })
  }
  if (withPlugin) await app.register(liveReload, { root: { path, prefix: '/files/' }, watch: path, transform: [html => html], ...isHot && { plugins: { dir: at('plugins'), options: { serve } } } })
  const seen: Record<string, unknown> = {}
  const look = (when: string, request: FastifyRequest, reply: FastifyReply) => {
    seen[`reply ${when}`] = ownProperties(reply)
    seen[`request.raw ${when}`] = ownProperties(request.raw)
    seen[`reply.raw ${when}`] = ownProperties(reply.raw)
    seen[`url ${when}`] = request.raw.url
    seen[`request headers ${when}`] = Object.keys(request.raw.headers).sort()
  }
  if (!isHot) await app.register(serve)
  app.addHook('onResponse', async (request, reply) => look('after the response', request, reply))
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  const text = await (await fetch(url, { headers: { 'sec-fetch-dest': 'document', 'if-none-match': '"a"', 'if-modified-since': new Date(0).toUTCString() } })).text()
  t.equal(text.includes('data-live-reload'), withPlugin, 'injected only with the plugin')
  seen.server = ownProperties(app.server)
  return seen
}

test('server, request.raw, reply and reply.raw are as they are without the plugin', async t => {
  const [without, beside, hot] = [await inspect(t, false), await inspect(t, true), await inspect(t, true, true)]
  for (const [name, properties] of Object.entries(without)) {
    t.strictSame(beside[name], properties, name)
    t.strictSame(hot[name], properties, `${name}, of a hot plugin`)
  }
  t.equal(Object.keys(without).length, 11)
})
