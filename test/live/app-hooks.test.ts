// Hooks of the app that guard or limit all requests: the recipe that leaves our routes out, and the warning where they do not.
import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import cookie from '@fastify/cookie'
import rateLimit from '@fastify/rate-limit'
import type { FastifyInstance } from 'fastify'
import { test, type Test } from 'tap'
import { startApp } from '../support/app.js'
import { folder } from '../support/folder.js'
import { upgrade } from '../support/http.js'

const GUIDE = readFileSync(new URL('../../docs/security.md', import.meta.url), 'utf8')
const RECIPE = /## Hooks of your app\n.*?```js\n(.*?)```/s.exec(GUIDE)?.[1] ?? ''

type Follow = (app: FastifyInstance, limit: typeof rateLimit) => Promise<void>

/** Runs the recipe as it stands in the guide. */
async function follow (t: Test, app: FastifyInstance): Promise<void> {
  const { at } = folder(t, { 'recipe.mjs': `export default async (app, rateLimit) => {\n${RECIPE}}` })
  const { default: run } = await import(pathToFileURL(at('recipe.mjs')).href) as { default: Follow }
  await app.register(cookie)
  await run(app, rateLimit)
}

for (const when of ['before', 'after'] as const) {
  test(`a login and a limit as in the guide leave our routes out, added ${when} the plugin`, async t => {
    const pages = (app: FastifyInstance) => { app.get('/', (_, reply) => reply.type('text/html').send('<!doctype html><title>x</title>')) }
    const { request, port, lines, tab } = await startApp(t, {}, {
      before: async app => { if (when === 'before') await follow(t, app) },
      after: async app => {
        if (when === 'after') await follow(t, app)
        pages(app)
      }
    })
    const page = await request('/', { headers: { Accept: 'text/html' } })
    t.equal(page.status, 302, 'nobody has logged in')
    const member = await request('/', { headers: { Accept: 'text/html', Cookie: 'session=1' } })
    t.match(member.text, '/__live/client.js')
    t.equal(member.headers['x-ratelimit-limit'], '100', 'the limit counts pages')
    for (let i = 0; i < 120; i++) await request('/__live/health')
    const health = await request('/__live/health')
    t.match([health.status, health.headers['x-ratelimit-limit']], [200, undefined])
    t.equal((await request('/__live/events', { untilHead: true })).status, 200)
    t.equal((await upgrade(port, '/__live/socket')).status, 101)
    await tab()
    t.notMatch(lines.join(''), /by a hook of the app/)
  })
}

test('what a hook of the app refuses of ours is said once, with the recipe', async t => {
  for (const [header, status] of Object.entries({ 'X-Limit': 429, 'X-Login': 302, 'X-Guard': 401, 'X-Forbid': 403 })) {
    const { app, request, lines } = await startApp(t, {}, {
      before: app => app.addHook('onRequest', async (request, reply) => {
        if (request.headers['x-limit'] !== undefined) return reply.code(429).send('slow down')
        if (request.headers['x-login'] !== undefined) return reply.redirect('/login')
        if (request.headers['x-forbid'] !== undefined) return reply.code(403).send('no')
      }),
      after: app => app.addHook('preHandler', async (request, reply) => {
        if (request.headers['x-guard'] !== undefined) return reply.code(401).send('who are you')
      })
    })
    const warnings = () => lines.filter(line => line.includes('by a hook of the app'))
    for (const target of ['/__live/health', '/__live/client.js', '/__live']) await request(target)
    await request('/__live/health', { headers: { Host: 'evil.test' } })
    await request('/__live/status')
    await request('/__live/client.js', { headers: { 'If-None-Match': '*' } })
    await request('/none', { headers: { [header]: '1' } })
    for (const route of ['open', 'command']) {
      const { statusCode } = await app.inject({ method: 'POST', url: `/__live/${route}?token=${app.liveReload.token}`, remoteAddress: '10.0.0.9', headers: { Host: 'localhost', 'Content-Type': 'application/json' }, payload: '{}' })
      t.equal(statusCode, 403, `${route} from another machine`)
    }
    t.strictSame(warnings(), [], 'our own answers')
    for (const target of ['/__live/health', '/__live/events', '/__live/client.js', '/__live/health']) await request(target, { headers: { [header]: '1' } })
    t.equal(warnings().length, 1)
    t.match(warnings().join(), new RegExp(`GET /__live/health was answered ${status} by a hook of the app.*request\\.isLiveReload.*"Hooks of your app\\\\" in docs/security\\.md`))
  }
})
