// Libraries of npm by their names, in real Chromium: on and off, under strict policies, beside a map of the page.
import compress from '@fastify/compress'
import helmet from '@fastify/helmet'
import { test, type Test } from 'tap'
import type { LiveReloadOptions } from '../../types/options.js'
import { type Around, startApp } from '../support/app.js'
import { page } from '../support/browser.js'
import { folder } from '../support/folder.js'
import { request } from '../support/http.js'

const LIT = `import { html, render } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
render(repeat(['one', 'two'], x => x, x => html\`<p>\${x}</p>\`), document.body)`
const LIBRARIES = ['lit', 'lit/directives/repeat.js', 'htmx.org']
const document = (head: string) => `<!doctype html><html><head><meta charset="utf-8"><title>x</title>${head}</head><body></body></html>`

/** Opens `/` of an app, and gives what is not as it should be. */
async function open (t: Test, options: LiveReloadOptions, around: Around = {}) {
  const app = await startApp(t, { importMap: LIBRARIES, ...options }, around)
  const tab = await page(t)
  const problems: string[] = []
  tab.on('console', message => { if (['error', 'warning'].includes(message.type()) && !/Lit is in dev mode|favicon/.test(message.text() + message.location().url)) problems.push(message.text()) })
  tab.on('pageerror', error => problems.push(error.message))
  await tab.goto(app.url)
  return { ...app, tab, problems }
}

for (const enabled of [true, false]) {
  test(`enabled: ${enabled}: a page of a root imports lit and htmx by their names, and is there again from the cache`, async t => {
    const f = folder(t, { 'public/index.html': document('<script type="module" src="/main.js"></script>'), 'public/main.js': `${LIT}\nimport htmx from 'htmx.org'\nwindow.version = htmx.version` })
    const { tab, problems, port } = await open(t, { enabled, root: f.at('public') })
    await tab.getByText('two').waitFor()
    t.equal(await tab.evaluate('typeof window.version'), 'string')
    const { headers } = await request(port, '/')
    t.match(await request(port, '/', { headers: { 'If-None-Match': headers.etag as string } }), { status: 304 })
    t.match(await request(port, '/', { headers: { 'If-Modified-Since': new Date(Date.now() + 60_000).toUTCString() } }), { status: 200, text: /importmap/ }, 'a copy from before the option')
    await tab.reload()
    await tab.getByText('two').waitFor()
    t.equal(await tab.evaluate('performance.getEntriesByType("resource").filter(({ name, transferSize }) => name.includes("/__libraries/") && transferSize > 0).length'), 0, 'every file of a library comes from the cache of the browser')
    t.strictSame(problems, [])
  })
}

const POLICIES: Readonly<Record<string, string>> = {
  'the app itself': "default-src 'self'",
  'a nonce': "default-src 'none'; connect-src 'self'; script-src 'nonce-abc'",
  'a nonce and strict-dynamic': "script-src 'nonce-abc' 'strict-dynamic'; object-src 'none'; base-uri 'none'",
  'Trusted Types': "script-src 'self'; require-trusted-types-for 'script'; trusted-types lit-html"
}

for (const enabled of [true, false]) {
  test(`enabled: ${enabled}: under strict policies`, async t => {
    for (const [name, policy] of Object.entries(POLICIES)) {
      const { tab, problems } = await open(t, { enabled, editor: false, errorPages: false }, {
        after: app => {
          app.get('/main.js', (_, reply) => reply.type('text/javascript').send(LIT))
          app.get('/', (_, reply) => reply.headers({ 'content-type': 'text/html', 'content-security-policy': policy }).send(document('<script type="module" nonce="abc" src="/main.js"></script>')))
        }
      })
      await tab.getByText('two').waitFor()
      t.strictSame(problems, [], name)
    }
  })
}

test('under the policies of @fastify/helmet, compressed by @fastify/compress, with one in the page', async t => {
  const { tab, problems, port } = await open(t, { enabled: false }, {
    after: async app => {
      await app.register(helmet)
      await app.register(compress, { threshold: 0 })
      app.get('/main.js', (_, reply) => reply.type('text/javascript').send(LIT))
      app.get('/', (_, reply) => reply.type('text/html').send(document('<meta http-equiv="content-security-policy" content="script-src \'self\'"><script type="module" src="/main.js"></script>')))
    }
  })
  await tab.getByText('two').waitFor()
  t.strictSame(problems, [])
  t.equal((await request(port, '/', { headers: { 'Accept-Encoding': 'gzip' } })).headers['content-encoding'], 'gzip')
})

test('a map of the page beside it, in a page that reloads', async t => {
  const f = folder(t, {
    'public/index.html': document('<script type="importmap">{"imports":{"mine":"/mine.js"}}</script><script type="module">import "mine"</script>'),
    'public/mine.js': LIT
  })
  const { tab, problems } = await open(t, { root: f.at('public') })
  await tab.getByText('two').waitFor()
  f.write('public/mine.js', LIT.replace('two', 'three'))
  await tab.getByText('three').waitFor()
  t.strictSame(problems, [])
})
