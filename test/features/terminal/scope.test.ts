// Who is warned that the plugin is registered inside of a scope: only where a page misses the client by it.
import Fastify, { type FastifyInstance } from 'fastify'
import autoload from '@fastify/autoload'
import fp from 'fastify-plugin'
import { build } from 'fastify-cli/helper.js'
import { test, type Test } from 'tap'
import liveReload from '../../../lib/index.js'
import { folder } from '../../support/folder.js'

const PLUGIN = new URL('../../../lib/index.ts', import.meta.url).href
const HTML = '<!doctype html><html><head></head><body></body></html>'
const browser = { accept: 'text/html,*/*' }

function logger () {
  const lines: string[] = []
  const warnings = () => lines.map(line => (JSON.parse(line) as { msg: string }).msg).filter(msg => msg.includes('from outside of the scope'))
  return { logger: { level: 'warn', stream: { write: (line: string) => { lines.push(line) } } }, warnings }
}

function serve (t: Test) {
  const { logger: options, warnings } = logger()
  const app = Fastify({ logger: options })
  t.teardown(() => app.close())
  return { app, warnings, isInjected: async (url: string, headers: Record<string, string> = browser) => (await app.inject({ url, headers: { host: 'localhost', ...headers } })).body.includes('/__live/') }
}

const page = (app: FastifyInstance, url: string, config = {}) => app.get(url, { config }, async (_request, reply) => reply.type('text/html').send(HTML))
/** Registers it inside, with a page. */
const scoped = async (scope: FastifyInstance) => {
  await scope.register(liveReload, {})
  page(scope, '/inside')
}

test('a scope, and pages outside of it: one warning, that names the first', async t => {
  const { app, warnings, isInjected } = serve(t)
  page(app, '/before')
  app.register(scoped)
  app.register(async other => { page(other, '/after/:id') })
  t.equal(await isInjected('/inside'), true)
  t.strictSame(warnings(), [])
  t.equal(await isInjected('/after/1'), false)
  t.equal(await isInjected('/before'), false)
  t.equal(warnings().length, 1)
  t.match(warnings()[0], /^live reload: GET \/after\/:id answers a page from outside of the scope/)
})

test('a scope outside of which is no page: no warning', async t => {
  const { app, warnings, isInjected } = serve(t)
  app.register(scoped)
  app.get('/data', async () => ({}))
  app.get('/moved', async (_request, reply) => reply.code(302).type('text/html').header('location', '/').send(HTML))
  page(app, '/without', { liveReload: false })
  page(app, '/part')
  for (const url of ['/data', '/moved', '/without', '/none']) t.equal(await isInjected(url), false)
  await isInjected('/part', { 'sec-fetch-dest': 'empty' })
  await isInjected('/part', { accept: '*/*' })
  t.strictSame(warnings(), [])
})

test('no scope, or one with a prefix: no warning', async t => {
  for (const [prefix, plugin] of [['', fp(async app => scoped(app))], ['/admin', scoped]] as const) {
    const { app, warnings, isInjected } = serve(t)
    app.register(plugin, { prefix })
    page(app, '/outside')
    t.equal(await isInjected('/outside'), prefix === '')
    t.strictSame(warnings(), [])
  }
})

for (const [name, wrap] of [['as it is', 'plugin'], ['by fastify-plugin', "Object.assign(plugin, { [Symbol.for('skip-override')]: true })"]] as const) {
  test(`fastify-cli and a plugin ${name}: no warning`, async t => {
    const { logger: options, warnings } = logger()
    const files = folder(t, {
      'app.mjs': `import liveReload from '${PLUGIN}'
        async function plugin (app, options) {
          await app.register(liveReload, {})
          app.get('/', async (_request, reply) => reply.type('text/html').send('${HTML}'))
        }
        export default ${wrap}`
    })
    const app = await build([files.at('app.mjs')], {}, { logger: options }) as unknown as FastifyInstance
    t.teardown(() => app.close())
    t.match((await app.inject({ url: '/', headers: { host: 'localhost', ...browser } })).body, '/__live/')
    t.match((await app.inject({ url: '/none', headers: { host: 'localhost', ...browser } })).statusCode, 404)
    t.strictSame(warnings(), [])
  })
}

for (const [name, more, isMissed] of [['as it is', '', true], ['by fastify-plugin', "plugin[Symbol.for('skip-override')] = true", false]] as const) {
  test(`a plugin ${name} in a directory of @fastify/autoload, pages in another: ${isMissed ? 'a' : 'no'} warning`, async t => {
    const files = folder(t, {
      'plugins/live.mjs': `import liveReload from '${PLUGIN}'
        export default async function plugin (app) { await app.register(liveReload, {}) }
        ${more}`,
      'routes/home.mjs': `export default async app => { app.get('/', async (_request, reply) => reply.type('text/html').send('${HTML}')) }`
    })
    const { app, warnings, isInjected } = serve(t)
    app.register(autoload, { dir: files.at('plugins') })
    app.register(autoload, { dir: files.at('routes') })
    t.equal(await isInjected('/'), !isMissed)
    t.equal(warnings().length, isMissed ? 1 : 0)
  })
}
