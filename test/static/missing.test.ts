// A missing icon, manifest, source map or robots.txt names its own path in `Server-Timing`.
import { test } from 'tap'
import type { LiveReloadOptions } from '../../types/options.js'
import { folder } from '../support/folder.js'
import { serve } from './support.js'

async function missing (t: Parameters<typeof serve>[0], options: Partial<LiveReloadOptions> = {}) {
  const { path } = folder(t as never, { 'there.ico': 'x' })
  return await serve(t, { root: path, ...options }, {
    before: app => app.addHook('onRequest', async ({ url }, reply) => { if (url.includes('timed')) reply.header('server-timing', 'db;dur=5') }),
    after: app => app.get('/made/favicon.ico', async (_, reply) => reply.code(500).send('broken'))
  })
}

test('what is missing names its path, what could have been made from anything does not', async t => {
  const { get } = await missing(t)
  for (const path of ['/favicon.ico', '/a/b/logo.ICO', '/favicon-32x32.png', '/icon.svg', '/apple-touch-icon-precomposed.png', '/site.webmanifest', '/manifest.json', '/js/app.js.map', '/robots.txt', '/a%20b/robots.txt']) {
    t.match(await get(`${path}?v=1`), { status: 404, headers: { 'server-timing': `file;desc="${path}"` } }, path)
  }
  t.match(await get('/timed/favicon.ico'), { status: 404, headers: { 'server-timing': 'db;dur=5, file;desc="/timed/favicon.ico"' } })
  for (const path of ['/api', '/photo.png', '/my-manifest.json', '/humans.txt', '/app.js', '/a"b/favicon.ico', '/favicon.ico/more']) {
    const { status, headers } = await get(path)
    t.strictSame([status, headers['server-timing']], [404, undefined], path)
  }
  t.match(await get('/there.ico'), { status: 200, headers: { 'server-timing': 'file;desc="/there.ico"' } })
  t.strictSame((await get('/made/favicon.ico')).headers['server-timing'], undefined, 'an error may be mended by any change')
})

for (const [name, options] of Object.entries({ "`scope: 'all'`": { client: { scope: 'all' } }, '`enabled: false`': { enabled: false } } satisfies Record<string, LiveReloadOptions>)) {
  test(`${name}: nothing is named`, async t => {
    const { get } = await missing(t, options)
    const { status, headers } = await get('/favicon.ico')
    t.strictSame([status, headers['server-timing']], [404, undefined])
  })
}
