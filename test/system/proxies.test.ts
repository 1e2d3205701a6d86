// Behind nginx and Caddy, with the configurations of docs/proxies.md as they stand there.
import { readFileSync, writeFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { test, type Test } from 'tap'
import type { LiveReloadClient } from '../../types/client.js'
import type { LiveReloadOptions } from '../../types/options.js'
import { startApp } from '../support/app.js'
import { page } from '../support/browser.js'
import { certificate } from '../support/certificate.js'
import { freePort } from '../support/example.js'
import { folder } from '../support/folder.js'
import { page as html } from '../support/page.js'
import { caddy, nginx } from '../support/proxy.js'
import { onPosix } from '../support/system.js'

declare global { interface Window { __liveReload?: LiveReloadClient } }

const shows = (tab: Page, text: string) => tab.waitForFunction(wanted => document.title === wanted && window.__liveReload?.state === 'open', text)
const type = (tab: Page) => tab.evaluate(() => window.__liveReload?.connectionType)
const fallbacks = (tab: Page) => tab.evaluate(() => window.__liveReload?.metrics.fallbacks)
const protocol = (tab: Page) => tab.evaluate(() => (performance.getEntriesByType('navigation')[0] as PerformanceNavigationTiming).nextHopProtocol)

const text = readFileSync(new URL('../../docs/proxies.md', import.meta.url), 'utf8')
/** The first block of code below a heading, and its language. */
function configOf (heading: string): { readonly language: string, readonly code: string } {
  const [, section] = text.split(`### ${heading}\n`)
  const [, language, code] = /^```(\w+)\n([\s\S]*?)^```/m.exec(section ?? '') ?? []
  if (language === undefined || code === undefined) throw new Error(`docs/proxies.md has no configuration below "${heading}"`)
  return { language, code }
}

interface Case {
  readonly heading: string
  /** Changes to the configuration that people make. */
  readonly with?: readonly (readonly [what: string, find: string, replace: string])[]
  readonly options?: (path: string) => LiveReloadOptions
  readonly path?: string
  readonly scheme?: 'https'
  readonly protocol?: string
  readonly transport: 'ws' | 'sse'
  readonly fallbacks: number
}

const cases: Case[] = [
  { heading: 'nginx as it comes', transport: 'sse', fallbacks: 1 },
  { heading: 'nginx as it comes', with: [['everything compressed', 'location', 'gzip on; gzip_types *; gzip_min_length 1; gzip_proxied any; location']], transport: 'sse', fallbacks: 1 },
  { heading: 'nginx with WebSocket', transport: 'ws', fallbacks: 0 },
  { heading: 'nginx with WebSocket', with: [['SSE forced', '', '']], options: root => ({ root, client: { transport: 'sse' } }), transport: 'sse', fallbacks: 0 },
  { heading: 'nginx with HTTP/2', scheme: 'https', protocol: 'h2', transport: 'sse', fallbacks: 0 },
  { heading: 'Caddy as it comes', transport: 'ws', fallbacks: 0 },
  { heading: 'Caddy as it comes', with: [['compressed, SSE forced', 'reverse_proxy', 'encode gzip\n\treverse_proxy']], options: root => ({ root, client: { transport: 'sse' } }), transport: 'sse', fallbacks: 0 },
  { heading: 'Caddy as it comes', with: [['flush_interval -1, SSE forced', '127.0.0.1:3000', '127.0.0.1:3000 {\n\tflush_interval -1\n}']], options: root => ({ root, client: { transport: 'sse' } }), transport: 'sse', fallbacks: 0 },
  { heading: 'nginx, the prefix is cut off', path: '/docs/', transport: 'sse', fallbacks: 1 },
  { heading: 'Caddy, the prefix is cut off', path: '/docs/', transport: 'ws', fallbacks: 0 },
  { heading: 'nginx, the prefix stays', path: '/docs/', options: path => ({ root: { path, prefix: '/docs/' }, path: '/docs/__live' }), transport: 'sse', fallbacks: 1 }
]

async function proxied (t: Test, { heading, with: changes = [], options = root => ({ root }) }: Pick<Case, 'heading' | 'with' | 'options'>) {
  const files = folder(t, { 'index.html': html('before') })
  const live = await startApp(t, options(files.at('')))
  const near = await freePort()
  const { language, code } = configOf(heading)
  t.match(code, 'localhost:8080'.slice(language === 'nginx' ? -4 : 0))
  const changed = changes.reduce((text, [, find, replace]) => text.replaceAll(find, replace), code)
  const config = changed.replaceAll('8080', String(near)).replaceAll('3000', String(live.port))
  if (language === 'nginx') await nginx(t, near, config, { 'localhost.pem': certificate.cert, 'localhost.key.pem': certificate.key })
  else await caddy(t, near, config)
  return { ...live, ...files, near }
}

for (const one of cases) {
  const { heading, with: changes = [], path = '/', scheme = 'http', protocol: expected = 'http/1.1', transport, fallbacks: fell } = one
  test([heading, ...changes.map(([what]) => what)].join(', '), heading.startsWith('nginx') ? onPosix : {}, async t => {
    const { app, near, at } = await proxied(t, one)
    const tab = await page(t, { ignoreHTTPSErrors: true })
    await tab.goto(`${scheme}://localhost:${near}${path}`)
    await shows(tab, 'before')
    t.equal(await protocol(tab), expected)
    t.equal(await type(tab), transport)
    t.equal(await fallbacks(tab), fell)
    const applied = new Promise(resolve => app.liveReload.on('applied', resolve))
    writeFileSync(at('index.html'), html('after'))
    await shows(tab, 'after')
    t.match(await applied, { seq: 1, kind: 'reload', transport }, 'and the answer gets through')
    t.equal(await type(tab), transport)
    t.equal(await fallbacks(tab), fell)
  })
}

for (const [heading, find] of [['nginx as it comes', 'listen'], ['nginx with WebSocket', 'listen']] as const) {
  test(`${heading}, quiet connections are ended after a second: connected again, never reloaded`, onPosix, async t => {
    const { near, at } = await proxied(t, { heading, with: [['', find, `proxy_read_timeout 1s; ${find}`]] })
    const tab = await page(t)
    let loads = 0
    tab.on('request', request => { if (request.isNavigationRequest()) loads++ })
    await tab.goto(`http://localhost:${near}/`)
    await shows(tab, 'before')
    await tab.waitForFunction(() => (window.__liveReload?.metrics.successes ?? 0) >= 3)
    t.equal(loads, 1)
    writeFileSync(at('index.html'), html('after'))
    await shows(tab, 'after')
    t.equal(loads, 2)
  })
}

test('a proxy that asks by a name of its own: the line to add', onPosix, async t => {
  const { near, port } = await proxied(t, { heading: 'nginx as it comes', with: [['', 'server {', 'upstream inside { server 127.0.0.1:3000; } server {'], ['', 'pass http://127.0.0.1:3000', 'pass http://inside']] })
  const refused = await fetch(`http://localhost:${near}/`)
  t.equal(refused.status, 403)
  t.match(await refused.text(), "allowedHosts: ['inside']")
  t.equal((await fetch(`http://localhost:${port}/`)).status, 200)
})
