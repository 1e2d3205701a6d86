// Before a page goes its address is asked for: with the plugin as users register it, real Chromium, strict policies, and what apps answer.
import { writeFileSync } from 'node:fs'
import { Transform } from 'node:stream'
import httpProxy from '@fastify/http-proxy'
import Fastify, { type FastifyReply } from 'fastify'
import { test, type Test } from 'tap'
import type { LiveReloadOptions } from '../../types/options.js'
import { startApp } from '../support/app.js'
import { page } from '../support/browser.js'
import { folder } from '../support/folder.js'
import { page as html } from '../support/page.js'
import { until } from '../support/wait.js'

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
  const asked: string[] = []
  const live = await startApp(t, { watch: at(''), client: { badge: false }, ...options }, {
    after: app => {
      app.get(address, (request, reply) => {
        asked.push(request.headers['upgrade-insecure-requests'] === '1' ? 'loaded' : 'asked')
        reply.type('text/html')
        if (policy) reply.header('content-security-policy', policy)
        return answer(reply)
      })
      app.get('/login', (_, reply) => reply.type('text/html').send(html('login')))
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
    asked,
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
    },
    stays: (why: string) => until(() => log.some(line => line.includes(`Not reloaded: the page ${why}`)), why)
  }
}

for (const [name, policy] of Object.entries(POLICIES)) {
  test(`policy: ${name}. An error keeps the page, its end is a reload, nothing is violated`, async t => {
    const { open, change, shows, stays, tab, log, asked } = await visit(t, reply => reply.send(html('one')), { policy })
    await open()
    await tab.evaluate('window.marker = 1')
    change(reply => { throw new Error(`no ${String(reply.sent)}`) })
    await stays('answers 500')
    t.equal(await tab.evaluate('window.marker'), 1)
    t.strictSame(asked, ['loaded', 'asked'])
    change(reply => reply.type('application/json').send({ page: false }))
    await stays('answers no HTML')
    change(reply => reply.send(html('two')))
    await shows('two')
    t.strictSame(asked, ['loaded', 'asked', 'asked', 'asked', 'loaded'])
    t.strictSame(log.filter(line => /violated|Content Security Policy/.test(line)), [])
  })
}

for (const [name, to] of [['this host', '/login'], ['another one', '']] as const) {
  test(`a page that leads to ${name} is gone to`, async t => {
    const { open, change, tab, log } = await visit(t, reply => reply.send(html('one')), { policy: "connect-src 'none'" })
    const other = Fastify()
    t.teardown(() => other.close())
    other.get('/', (_, reply) => reply.type('text/html').send(html('login')))
    const elsewhere = await other.listen({ port: 0, host: '127.0.0.1' })
    await open()
    change(reply => reply.redirect(to || elsewhere))
    await tab.waitForFunction(() => document.title === 'login')
    t.strictSame(log.filter(line => /violated|Content Security Policy/.test(line)), [])
  })
}

test('a page that never ends: its head is enough', async t => {
  const { open, change, tab, asked } = await visit(t, reply => reply.send(html('one')))
  await open()
  let ended = 0
  change(reply => {
    reply.hijack()
    reply.raw.on('close', () => { ended++ })
    reply.raw.writeHead(200, { 'content-type': 'text/html' }).write(html('endless'))
  })
  await tab.waitForFunction(() => document.title === 'endless')
  t.strictSame(asked, ['loaded', 'asked', 'loaded'])
  await until(() => ended > 0, 'what asked has hung up')
})

test('behind a proxy that cuts off a prefix and writes redirects anew', async t => {
  const { open, change, shows, stays, port, asked } = await visit(t, reply => reply.send(html('one')), { address: '/x' })
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
  change(reply => reply.code(500).send(html('broken')))
  await stays('answers 500')
  change(reply => reply.send(html('two')))
  await shows('two')
  t.strictSame(asked, ['loaded', 'asked', 'asked', 'loaded'])
})
