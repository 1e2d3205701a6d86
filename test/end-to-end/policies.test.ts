// Pages under strict policies, in real Chromium: the client connects, a save reloads, a failed build shows, and nothing is violated.
import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import helmet from '@fastify/helmet'
import type { FastifyInstance, FastifyReply, FastifyServerOptions } from 'fastify'
import { test, type Test } from 'tap'
import { startApp } from '../support/app.js'
import { page } from '../support/browser.js'
import { certificate } from '../support/certificate.js'
import { folder } from '../support/folder.js'
import { until } from '../support/wait.js'

declare global { interface Window { violated?: (text: string) => void } }

const CSP = 'content-security-policy'
const document = (head = '', title = 'x') => `<!doctype html><html><head><meta charset="utf-8">${head}<title>${title}</title></head><body><p>x</p></body></html>`
const nonce = () => randomBytes(16).toString('base64')
/** A file of the root. */
const FILE = '/file.html'
// `a`, as an app would say it of a script of its own.
const HASH = "'sha256-ypeBEsobvcr6wjGzmiPcTaeG7/gUfE5yuYB3ha/uSLs='"

/** Each gives the page of one policy. */
const POLICIES: Record<string, (reply: FastifyReply) => string> = {
  'helmet, as it comes': () => document(),
  'nonce and strict-dynamic': reply => {
    const own = nonce()
    reply.header(CSP, `script-src 'nonce-${own}' 'strict-dynamic'; object-src 'none'; base-uri 'none'; connect-src 'self'`)
    return document(`<script nonce="${own}">window.own = true</script>`)
  },
  'a nonce only, nothing to connect to': reply => {
    reply.header(CSP, `default-src 'none'; script-src 'nonce-${nonce()}'`)
    return document()
  },
  'hashes only': reply => {
    reply.header(CSP, `default-src 'self'; script-src ${HASH}; connect-src 'none'`)
    return document()
  },
  'hashes and strict-dynamic': reply => {
    reply.header(CSP, `script-src ${HASH} 'strict-dynamic'; connect-src https://api.test`)
    return document()
  },
  'Trusted Types': reply => {
    reply.header(CSP, "require-trusted-types-for 'script'; trusted-types 'none'; default-src 'self'")
    return document()
  },
  'COEP and COOP': reply => {
    reply.headers({ 'cross-origin-embedder-policy': 'require-corp', 'cross-origin-opener-policy': 'same-origin', 'cross-origin-resource-policy': 'same-origin' })
    return document()
  },
  'default-src none': reply => {
    reply.header(CSP, "default-src 'none'")
    return document()
  },
  'default-src none, each explicit': reply => {
    reply.header(CSP, "default-src 'none'; script-src-elem https://cdn.test; script-src 'none'; connect-src https://api.test; style-src 'none'; img-src 'self'")
    return document()
  },
  'report only': reply => {
    reply.header(`${CSP}-report-only`, `script-src 'nonce-${nonce()}' 'strict-dynamic'; connect-src 'none'; style-src 'none'`)
    return document()
  },
  'several headers, several in one': reply => {
    reply.header(CSP, ["script-src 'self'; connect-src 'self'", `script-src 'nonce-${nonce()}', default-src 'self'`])
    reply.header(`${CSP}-report-only`, "default-src 'none'")
    return document()
  },
  'a sandbox that may': reply => {
    reply.header(CSP, "sandbox allow-scripts allow-same-origin; default-src 'self'")
    return document()
  }
}

async function visit (t: Test, url: string) {
  const tab = await page(t, { ignoreHTTPSErrors: true })
  const wrong: string[] = []
  const loaded: string[] = []
  await tab.exposeFunction('violated', (text: string) => { wrong.push(text) })
  await tab.addInitScript(() => {
    addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, disposition }) => { window.violated?.(`${disposition} ${violatedDirective} ${blockedURI}`) }, true)
  })
  tab.on('console', message => { if (message.type() === 'error') wrong.push(message.text()) })
  tab.on('pageerror', error => wrong.push(error.message))
  tab.on('requestfinished', request => loaded.push(new URL(request.url()).pathname))
  await tab.goto(url)
  return { tab, wrong, loads: (path: string) => loaded.filter(one => one === path).length }
}

test('under each policy the client works, and nothing is violated', async t => {
  const { at } = folder(t, { 'watched/a.txt': '1', 'src/a.txt': '1', [`site${FILE}`]: document() })
  let broken = false
  const names = Object.keys(POLICIES)
  const { app, url, lines } = await startApp(t, {
    root: at('site'),
    watch: at('watched'),
    build: { source: at('src'), builder: () => broken ? { ok: false, diagnostics: [{ severity: 'error', message: 'it broke' }] } : { ok: true } }
  }, {
    before: async app => { await app.register(helmet, { global: false }) },
    after: app => {
      for (const [i, name] of names.entries()) {
        app.get(`/${i}`, i === 0 ? { helmet: {} } : {}, async (_, reply) => {
          reply.type('text/html')
          return (POLICIES[name] as (reply: FastifyReply) => string)(reply)
        })
      }
    }
  })
  const tabs = [{ name: 'a file of the root', path: FILE, ...await visit(t, url + FILE) }]
  for (const [i, name] of names.entries()) tabs.push({ name, path: `/${i}`, ...await visit(t, `${url}/${i}`) })
  await until(() => app.liveReload.clients > 0, 'connected')
  for (const { tab, name } of tabs) {
    await tab.waitForFunction(() => window.__liveReload?.state === 'open').catch(() => t.fail(`${name}: connects`))
  }
  writeFileSync(at('watched/a.txt'), '2')
  for (const { tab, name, path, loads } of tabs) {
    await until(() => loads(path) === 2, `${name}: reloads`)
    await tab.waitForFunction(() => window.__liveReload?.state === 'open' && window.__liveReload.seq === 1)
  }
  broken = true
  writeFileSync(at('src/a.txt'), '2')
  for (const { tab, name, loads, wrong } of tabs) {
    const isShown = () => tab.evaluate<boolean>('document.querySelector("live-reload-overlay") !== null')
    await until(async () => loads('/__live/failures.js') > 0 && await isShown(), `${name}: the imported module shows the overlay (${wrong.join()})`)
    t.strictSame(wrong, [], name)
  }
  const told = lines.filter(line => line.includes('extends the Content-Security-Policy'))
  t.equal(new Set(told.map(line => (JSON.parse(line) as { msg: string }).msg)).size, told.length, 'each said once')
  t.notOk(told.some(line => line.includes('"GET /0"') && line.includes('script-src')), 'what is allowed is not added')
})

test('behind TLS and over HTTP/2, where SSE comes first', async t => {
  const { at } = folder(t, { 'a.txt': '1' })
  const names = ['default-src none', 'a nonce only, nothing to connect to', 'hashes only', 'report only']
  const secure = { http2: true, https: { ...certificate, allowHTTP1: true } } as FastifyServerOptions
  const { port } = await startApp(t, { watch: at('') }, {
    server: secure,
    after: app => {
      for (const [i, name] of names.entries()) app.get(`/${i}`, (_, reply) => reply.type('text/html').send((POLICIES[name] as (reply: FastifyReply) => string)(reply)))
    }
  })
  const tabs = []
  for (const [i, name] of names.entries()) tabs.push({ name, path: `/${i}`, ...await visit(t, `https://localhost:${port}/${i}`) })
  for (const { tab, name } of tabs) {
    await tab.waitForFunction(() => window.__liveReload?.state === 'open').catch(() => t.fail(`${name}: connects`))
    t.equal(await tab.evaluate(() => window.__liveReload?.connectionType), 'sse', name)
    t.equal(await tab.evaluate(() => (performance.getEntriesByType('navigation')[0] as PerformanceNavigationTiming).nextHopProtocol), 'h2')
  }
  writeFileSync(at('a.txt'), '2')
  for (const { tab, name, path, loads } of tabs) {
    await until(() => loads(path) === 2, `${name}: reloads`)
    await tab.waitForFunction(() => window.__liveReload?.state === 'open' && window.__liveReload.seq === 1)
  }
  // The other transport is wss: then.
  for (const { tab, name, wrong } of tabs) {
    await tab.evaluate(() => window.__liveReload?.reconnect('ws'))
    await tab.waitForFunction(() => window.__liveReload?.connectionType === 'ws').catch(() => t.fail(`${name}: by a socket, too`))
    t.strictSame(wrong, [], name)
  }
})

test('a sandbox that keeps us out is left alone, in a page and in a frame', async t => {
  const { at } = folder(t, { 'a.txt': '1' })
  const { url } = await startApp(t, { watch: at('') }, {
    after: app => {
      app.get('/sandbox', (_, reply) => reply.type('text/html').header(CSP, 'sandbox allow-scripts').send(document()))
      app.get('/framed', (_, reply) => reply.type('text/html').send(document()))
      app.get('/frames', (_, reply) => reply.type('text/html').send('<!doctype html><html><body><iframe src="/sandbox"></iframe><iframe sandbox src="/framed"></iframe></body></html>'))
    }
  })
  const alone = await visit(t, `${url}/sandbox`)
  t.equal(await alone.tab.content(), document().replace('doctype', 'DOCTYPE'))
  t.strictSame(alone.wrong, [])
  const frames = await visit(t, `${url}/frames`)
  await frames.tab.waitForFunction(() => window.__liveReload?.state === 'open')
  writeFileSync(at('a.txt'), '2')
  await until(() => frames.loads('/frames') === 2, 'the page reloads, its frames with it')
})

test('replies that bypass hooks: tag() as the documentation shows it, and with a nonce', async t => {
  const [, section = ''] = readFileSync(new URL('../../docs/inject.md', import.meta.url), 'utf8').split('## Replies that bypass hooks\n')
  const [, snippet = ''] = /```js\n([\s\S]*?)```/.exec(section) ?? []
  t.match(snippet, "app.get('/raw'")
  const { at } = folder(t, { 'watched/a.txt': '1', 'route.mjs': `export function add (app) {\n${snippet}}\n` })
  const { add } = await import(pathToFileURL(at('route.mjs')).href) as { add (app: FastifyInstance): void }
  const { app, url } = await startApp(t, { watch: at('watched') }, {
    after: app => {
      add(app)
      app.get('/nonce', (request, reply) => {
        const own = nonce()
        reply.hijack()
        reply.raw.setHeader('content-type', 'text/html; charset=utf-8')
        reply.raw.setHeader(CSP, `default-src 'none'; script-src 'nonce-${own}'; connect-src 'self'`)
        reply.raw.end(document(app.liveReload.tag(request, { nonce: own })))
      })
    }
  })
  const tabs = [{ path: '/raw', ...await visit(t, `${url}/raw`) }, { path: '/nonce', ...await visit(t, `${url}/nonce`) }]
  for (const { tab } of tabs) await tab.waitForFunction(() => window.__liveReload?.state === 'open')
  const applied: number[] = []
  app.liveReload.on('applied', ({ seq }) => { applied.push(seq) })
  for (const seq of [1, 2]) {
    writeFileSync(at('watched/a.txt'), 'x'.repeat(seq + 1))
    for (const { tab, path, loads } of tabs) {
      await until(() => loads(path) === 1 + seq, `${path} reloads`)
      await tab.waitForFunction(seq => window.__liveReload?.state === 'open' && window.__liveReload.seq === seq, seq)
    }
  }
  t.strictSame(tabs.map(({ wrong }) => wrong), [[], []])
  await until(() => applied.filter(seq => seq === 2).length === 2, 'each acknowledged the last change')
})
