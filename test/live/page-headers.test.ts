// Every page of the plugin, errors included: who may show it, what it may load, and what leaves it.
import { writeFileSync } from 'node:fs'
import { test } from 'tap'
import { startApp } from '../support/app.js'
import { page } from '../support/browser.js'
import { folder } from '../support/folder.js'
import { NAVIGATION, type RequestOptions } from '../support/http.js'
import { page as html } from '../support/page.js'

const CASES: [name: string, target: string, status: number, ancestors: 'none' | 'self', options?: RequestOptions][] = [
  ['the status page', '/__live/', 200, 'none'],
  ['a host that is not allowed', '/__live/', 403, 'none', { headers: { Host: 'evil.test' } }],
  ['a malformed host', '/__live/health', 400, 'none', { headers: { Host: 'a/b' } }],
  ['another origin', '/__live/health', 403, 'none', { headers: { Origin: 'http://evil.test' } }],
  ['no token', '/__live/status', 403, 'none'],
  ['no upgrade', '/__live/socket', 426, 'none'],
  ['a message of the wrong type', '/__live/applied', 403, 'none', { method: 'POST', body: 'x' }],
  ['a file for a host that is not allowed', '/files/a.txt', 403, 'none', { headers: { Host: 'evil.test' } }],
  ['a listing', '/files/', 200, 'self'],
  ['a listing in a folder', '/files/sub/', 200, 'self'],
  ['the page of a 404', '/none', 404, 'self', { headers: NAVIGATION }],
  ['the page of a 404 below our path', '/__live/none', 404, 'self', { headers: NAVIGATION }],
  ['the page of a 500', '/fails', 500, 'self', { headers: NAVIGATION }]
]

test('headers of every page', async t => {
  const { at } = folder(t, { 'files/a.txt': 'a', 'files/sub/b.txt': 'b' })
  const { request } = await startApp(t, { root: { path: at('files'), prefix: '/files', list: true } }, { after: app => app.get('/fails', () => { throw new Error('fails') }) })
  for (const [name, target, status, ancestors, options] of CASES) {
    const { headers, ...answer } = await request(target, options)
    t.equal(answer.status, status, name)
    t.match(headers, {
      'content-type': /^text\/(?:html|plain)/,
      'content-security-policy': new RegExp(`^default-src 'none';.*frame-ancestors '${ancestors}'`),
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer'
    }, name)
    t.equal(headers['access-control-allow-origin'], undefined, name)
  }
  const limited = await startApp(t, { security: { rateLimit: { max: 1 } } })
  await limited.request('/__live/')
  t.match(await limited.request('/__live/'), { status: 429, headers: { 'content-security-policy': "default-src 'none'; frame-ancestors 'none'" } })
})

test("files are left alone, and a listing keeps the app's own policy", async t => {
  const { at } = folder(t, { 'files/a.html': html('a') })
  const { request } = await startApp(t, { root: { path: at('files'), list: true } }, {
    before: app => app.addHook('onRequest', async (_, reply) => {
      reply.header('content-security-policy', "default-src 'self'")
      reply.raw.setHeader('referrer-policy', 'same-origin')
    })
  })
  t.match((await request('/')).headers, { 'content-security-policy': /^default-src 'self'/, 'referrer-policy': 'same-origin', 'x-content-type-options': 'nosniff' })
  t.equal((await request('/a.html')).headers['x-content-type-options'], undefined)
})

test('in Chromium a listing and an error page in a frame of the app are live, and a frame elsewhere shows neither', async t => {
  const { at, write } = folder(t, { 'files/a.txt': 'a' })
  let fails = true
  const { url } = await startApp(t, { root: { path: at('files'), prefix: '/files', list: true }, watch: at('views'), client: { hidden: 'reload' } }, {
    after: app => {
      app.get('/part', (_, reply) => {
        if (fails) throw new Error('of the part')
        return reply.type('text/html').send(html('mended'))
      })
      app.get('/', (_, reply) => reply.type('text/html').send(html('outer', { body: '<iframe src="/part"></iframe>' })))
    }
  })
  const violations: string[] = []
  const listing = await page(t)
  listing.on('console', message => { if (message.text().includes('Content Security Policy')) violations.push(message.text()) })
  await listing.goto(`${url}/files/`)
  await listing.waitForFunction("__liveReload.state === 'open'")
  writeFileSync(at('files/b.txt'), 'b')
  await listing.locator('a', { hasText: 'b.txt' }).waitFor()

  const outer = await page(t)
  outer.on('console', message => { if (message.text().includes('Content Security Policy')) violations.push(message.text()) })
  await outer.goto(url)
  const frame = outer.frameLocator('iframe')
  await frame.locator('h1', { hasText: 'of the part' }).waitFor()
  t.same(violations, [])
  fails = false
  write('views/a', '1')
  await frame.locator('body', { hasText: 'mended' }).waitFor()

  const frames = ['/part', '/files/', '/none', '/__live/'].map(path => `<iframe src="${url}${path}"></iframe>`).join('')
  const other = await startApp(t, { enabled: false }, { after: app => app.get('/', (_, reply) => reply.type('text/html').send(html('other', { body: frames }))) })
  const foreign = await page(t)
  await foreign.goto(other.url)
  t.strictSame(foreign.frames().slice(1).map(one => one.url().startsWith(url) ? one.url().slice(url.length) : 'blocked'), ['/part', 'blocked', 'blocked', 'blocked'])
})
