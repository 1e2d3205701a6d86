// The address of a root without its slash.
import type { FastifyInstance } from 'fastify'
import { test } from 'tap'
import { folder } from '../support/folder.js'
import { serve } from './support.js'

const FILES = { 'site/index.html': 'site', 'site/both/index.html': 'of the site', 'docs/index.html': 'docs' }

test('leads to the one with it, by a relative address', async t => {
  const { at } = folder(t, FILES)
  const docs = (prefix: string, more = {}) => ({ path: at('docs'), prefix, ...more })
  const own = (app: FastifyInstance) => { app.get('/docs', async () => 'own') }
  const cases: [name: string, options: Parameters<typeof serve>[1], around: Parameters<typeof serve>[2], target: string, status: number, location?: string][] = [
    ['alone', { root: docs('/docs/') }, {}, '/docs', 302, './docs/'],
    ['with a query', { root: docs('/docs/') }, {}, '/docs?a=1&b=?', 302, './docs/?a=1&b=?'],
    ['deeper', { root: docs('/a/docs') }, {}, '/a/docs', 302, './docs/'],
    ['below another root', { root: [at('site'), docs('/docs/')] }, {}, '/docs', 302, './docs/'],
    ['below another root that has a fallback', { root: [{ path: at('site'), spa: true }, docs('/docs/')] }, {}, '/docs', 302, './docs/'],
    ['the app has a route there, before', { root: docs('/docs/') }, { before: own }, '/docs', 200],
    ['the app has a route there, after', { root: docs('/docs/') }, { after: own }, '/docs', 200],
    ['redirect: false', { root: docs('/docs/', { redirect: false }) }, {}, '/docs', 404],
    ['with constraints', { root: docs('/docs/', { constraints: { host: 'docs.test' } }) }, {}, '/docs', 404],
    ['a host that is not allowed', { root: docs('/docs/') }, { hostGate: () => ({ ok: false, message: 'no' }) }, '/docs', 404],
    ['something else', { root: docs('/docs/') }, {}, '/doc', 404],
    ['the root of all', { root: at('site') }, {}, '/', 200]
  ]
  for (const [name, options, around, target, status, location] of cases) {
    const { get, app } = await serve(t, options, around)
    for (const method of ['GET', 'HEAD']) {
      const answer = await get(target, { Accept: 'text/html' }, method)
      t.match([answer.status, answer.headers.location], [status, location], `${name}, ${method}`)
    }
    t.equal((await get(target, {}, 'POST')).status, 404, `${name}, POST`)
    await app.close()
  }
})
