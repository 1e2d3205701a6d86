// A reload asks the app once: with the plugin as users register it, in real Chromium, under strict policies, over errors and redirects.
import { writeFileSync } from 'node:fs'
import { Transform } from 'node:stream'
import httpProxy from '@fastify/http-proxy'
import Fastify, { type FastifyReply } from 'fastify'
import { test, type Test } from 'tap'
import type { LiveReloadOptions } from '../../types/options.js'
import { startApp } from '../support/app.js'
import { page } from '../support/browser.js'
import { folder } from '../support/folder.js'

const HTML = (title: string) => `<!doctype html><html><head><meta charset="utf-8"><title>${title}</title></head><body>${title}<form autocomplete="off"><input></form></body></html>`
const POLICIES: Record<string, string> = {
  none: '',
  "connect-src 'none'": "connect-src 'none'",
  'insecure requests upgraded': "upgrade-insecure-requests; connect-src 'none'",
  'connect-src of others': "default-src 'none'; script-src 'self'; connect-src https://api.test"
}

type Answer = (reply: FastifyReply) => unknown

/** An app of one page; `change` tells the tabs that it changed. */
async function visit (t: Test, first: Answer, { options, policy = '', address = '/' }: { options?: LiveReloadOptions, policy?: string, address?: string } = {}) {
  const { at } = folder(t, { 'a.txt': '0' })
  let answer = first
  const answered: unknown[] = []
  const live = await startApp(t, { watch: at(''), client: { badge: false }, ...options }, {
    after: app => {
      app.get(address, (request, reply) => {
        answered.push(request.headers['sec-fetch-dest'])
        reply.type('text/html')
        if (policy) reply.header('content-security-policy', policy)
        return answer(reply)
      })
      app.get('/login', (_, reply) => reply.type('text/html').send(HTML('login')))
    }
  })
  const tab = await page(t)
  const log: string[] = []
  tab.on('console', message => { log.push(message.text()) })
  await tab.exposeFunction('violated', (text: string) => { log.push(`violated: ${text}`) })
  await tab.addInitScript('addEventListener("securitypolicyviolation", event => { window.violated(event.violatedDirective + " " + event.blockedURI) }, true)')
  const open = () => tab.waitForFunction(() => window.__liveReload?.state === 'open')
  let saves = 0
  return {
    ...live,
    tab,
    log,
    answered,
    async open (url = live.url + address) {
      await tab.goto(url)
      await open()
    },
    change (next: Answer) {
      answer = next
      writeFileSync(at('a.txt'), `${++saves}`)
    },
    async shows (title: string) {
      await tab.waitForFunction(wanted => document.title === wanted, title)
      await open()
    }
  }
}

for (const [name, policy] of Object.entries(POLICIES)) {
  test(`policy: ${name}. The error page is shown at once, the next change brings the page back with its state, nothing is violated`, async t => {
    const { open, change, shows, tab, log, answered } = await visit(t, reply => reply.send(HTML('one')), { policy })
    await open()
    await tab.fill('input', 'typed')
    change(reply => { throw new Error(`no ${String(reply.sent)}`) })
    await tab.waitForFunction(() => document.querySelector('input') === null && window.__liveReload?.state === 'open')
    t.match(await tab.evaluate('document.body.innerText'), /no false/, 'our error page')
    change(reply => reply.send(HTML('two')))
    await shows('two')
    await tab.waitForFunction(() => document.querySelector('input')?.value === 'typed')
    t.strictSame(answered, ['document', 'document', 'document'], 'the app is asked once for each load')
    t.strictSame(log.filter(line => /violated|Content Security Policy/.test(line)), [])
  })
}

for (const [name, to] of [['this host', '/login'], ['another one', '']] as const) {
  test(`a page that leads to ${name} is followed`, async t => {
    const { open, change, tab, log } = await visit(t, reply => reply.send(HTML('one')), { policy: "connect-src 'none'" })
    const other = Fastify()
    t.teardown(() => other.close())
    other.get('/', (_, reply) => reply.type('text/html').send(HTML('login')))
    const elsewhere = await other.listen({ port: 0, host: '127.0.0.1' })
    await open()
    change(reply => reply.redirect(to || elsewhere))
    await tab.waitForFunction(() => document.title === 'login')
    t.strictSame(log.filter(line => /violated|Content Security Policy/.test(line)), [])
  })
}

test('behind a proxy that cuts off a prefix', async t => {
  const { open, change, shows, tab, port, answered } = await visit(t, reply => reply.send(HTML('one')), { address: '/x' })
  const proxy = Fastify({ forceCloseConnections: true })
  t.teardown(() => proxy.close())
  proxy.register(httpProxy, {
    upstream: `http://127.0.0.1:${port}`,
    prefix: '/docs',
    rewritePrefix: '/',
    replyOptions: {
      // What an app is told to do that lives below a prefix it knows nothing of.
      onResponse (_request, reply, answer) {
        const { stream } = answer as unknown as { stream: NodeJS.ReadableStream }
        if (!/html/.test(String(reply.getHeader('content-type')))) return reply.send(stream)
        reply.removeHeader('content-length')
        reply.send(stream.pipe(new Transform({ transform: (chunk, _, done) => done(null, String(chunk).replaceAll('"/__live/', '"/docs/__live/')) })))
      }
    }
  })
  await open(`${await proxy.listen({ port: 0, host: '127.0.0.1' })}/docs/x`)
  await tab.fill('input', 'typed')
  change(reply => reply.code(500).send(HTML('broken')))
  await shows('broken')
  change(reply => reply.send(HTML('two')))
  await shows('two')
  await tab.waitForFunction(() => document.querySelector('input')?.value === 'typed')
  t.equal(answered.length, 3)
})
