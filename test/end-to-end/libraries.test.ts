// htmx, Turbo and Unpoly as they are, in real Chromium: what they fetch stays as it is, visits pile up nothing, a save is one reload.
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Browser, Page } from 'playwright-core'
import { test, type Test } from 'tap'
import type { LiveReloadClient } from '../../types/client.js'
import { startApp } from '../support/app.js'
import { ARGS, launch, PATIENT } from '../support/browser.js'
import { folder } from '../support/folder.js'
import { until } from '../support/wait.js'

declare global { interface Window { __liveReload?: LiveReloadClient, first?: LiveReloadClient | undefined, marker?: boolean, starts?: number } }

const require = createRequire(import.meta.url)
const code = (name: string) => readFileSync(require.resolve(name), 'utf8')

interface Library {
  readonly script: string
  readonly head: string
  /** Of a link to another page, and of one that puts `/part` into `#part`. */
  readonly link: string
  readonly part: (path: string) => string
  /** It goes on to another page by a view transition. */
  readonly transition: boolean
}

const LIBRARIES: Record<string, Library> = {
  htmx: {
    script: code('htmx.org/dist/htmx.js'),
    head: '<meta name="htmx-config" content=\'{"transitions":true}\'>',
    link: 'hx-boost="true"',
    part: path => `<button class="get" hx-get="${path}" hx-target="#part">get</button><div id="part"></div>`,
    transition: true
  },
  Turbo: {
    script: code('@hotwired/turbo/dist/turbo.es2017-umd.js'),
    head: '<meta name="view-transition" content="same-origin">',
    link: '',
    part: path => `<a class="get" href="${path}" data-turbo-frame="part">get</a><turbo-frame id="part"></turbo-frame>`,
    transition: true
  },
  Unpoly: {
    script: code('unpoly/unpoly.js'),
    head: '',
    link: 'up-follow up-target="body"',
    part: path => `<a class="get" href="${path}" up-follow up-target="#part" up-history="false">get</a><div id="part"></div>`,
    transition: false
  }
}
const pace = (duration: string) => `::view-transition-group(*), ::view-transition-old(*), ::view-transition-new(*) { animation-duration: ${duration} }`

/** Not localhost: such a page is not told what is fetched for what, nor may tabs share a connection. */
const PLAIN = 'plain.test'
let browser: Promise<Browser> | undefined

async function open (t: Test): Promise<{ tab: Page, wrong: string[] }> {
  browser ??= launch([...ARGS, `--host-resolver-rules=MAP ${PLAIN} 127.0.0.1`])
  const context = await (await browser).newContext()
  t.teardown(() => context.close())
  const tab = await context.newPage()
  const wrong: string[] = []
  tab.on('pageerror', error => wrong.push(error.message))
  tab.on('console', message => { if (message.type() === 'error') wrong.push(message.text()) })
  // How often the client's script ran at all.
  await tab.addInitScript(() => {
    const { defineProperty } = Object
    Object.defineProperty = (target, name, how) => {
      if (target === window && name === '__liveReload') window.starts = (window.starts ?? 0) + 1
      return defineProperty(target, name, how)
    }
    addEventListener('pagehide', () => {
      const cut = document.getAnimations().some(({ effect }) => effect instanceof KeyframeEffect && effect.pseudoElement?.startsWith('::view-transition'))
      sessionStorage.setItem('cut', `${cut}`)
    })
  })
  return { tab, wrong }
}

test('libraries', { jobs: 3 }, async t => {
  for (const [name, { script, head, link, part, transition }] of Object.entries(LIBRARIES)) {
    for (const host of ['127.0.0.1', PLAIN]) {
      t.test(`${name} at ${host}`, async t => {
        const { at } = folder(t, { 'views/a.txt': '1', 'assets/a.css': 'h1 { color: rgb(1, 1, 1) }' })
        const sent: [path: string, navigation: boolean, tagged: boolean][] = []
        const { app, url } = await startApp(t, { watch: [at('views'), at('assets')], security: { allowedHosts: [PLAIN] } }, {
          before: app => {
            app.get('/lib.js', (_, reply) => reply.type('text/javascript').send(script))
            app.get('/a.css', (_, reply) => reply.type('text/css').send(readFileSync(at('assets/a.css'))))
            app.get('/favicon.ico', (_, reply) => reply.code(204).send())
            app.get('/page/:n', (request, reply) => {
              const { n } = request.params as { n: string }
              return reply.type('text/html').send(`<!doctype html><html><head><meta charset="utf-8"><title>${n}</title>${head}<style>${pace('1ms')}</style><link rel="stylesheet" href="/a.css"><script src="/lib.js" defer></script></head><body><h1>page ${n}</h1><a class="next" href="/page/${Number(n) + 1}" ${link}>next</a>${part('/part')}</body></html>`)
            })
            // A whole document at a fragment's address: nothing but what asked for it says what it is for.
            app.get('/part', (_, reply) => reply.type('text/html').send('<!doctype html><html><head></head><body><turbo-frame id="part"><b>part</b></turbo-frame><div id="part"><b>part</b></div></body></html>'.replace(name === 'Turbo' ? /<div.*<\/div>/ : /<turbo.*frame>/, '')))
          }
        })
        const { tab, wrong } = await open(t)
        const checks: Promise<void>[] = []
        tab.on('response', response => {
          const request = response.request()
          if (/\/(page|part)/.test(request.url())) checks.push(response.text().then(text => { sent.push([new URL(request.url()).pathname, request.isNavigationRequest(), text.includes('data-live-reload')]) }, () => {}))
        })
        const joined: number[] = []
        app.liveReload.on('connect', ({ clients }) => { joined.push(clients) })
        const base = url.replace('127.0.0.1', host)
        await tab.goto(`${base}/page/0`)
        await tab.waitForFunction(() => window.__liveReload?.state === 'open')
        await tab.evaluate(() => { window.marker = true; window.first = window.__liveReload })
        for (let n = 1; n <= 10; n++) {
          await tab.click('.next')
          await tab.waitForFunction(n => document.querySelector('h1')?.textContent === `page ${n}`, n)
        }
        await tab.click('.get')
        await tab.waitForFunction(() => document.querySelector('#part b')?.textContent === 'part')
        await Promise.all(checks)
        t.same(sent.filter(([, navigation, tagged]) => navigation !== tagged), [], 'the tag is in what was navigated to, and in nothing that was fetched')
        t.ok(sent.length >= 12, `${sent.length} answers`)
        t.same(await tab.evaluate(() => [window.marker, window.first === window.__liveReload, window.starts, window.__liveReload?.state]), [true, true, 1, 'open'], 'one client')
        t.same([joined, app.liveReload.clients], [[1], 1], 'one connection')

        // A style sheet is shown, the page stays.
        writeFileSync(at('assets/a.css'), 'h1 { color: rgb(2, 2, 2) }')
        await tab.waitForFunction(() => getComputedStyle(document.querySelector('h1') as Element).color === 'rgb(2, 2, 2)' || window.marker === undefined)
        await tab.waitForFunction(() => window.__liveReload?.state === 'open' && window.__liveReload.seq === 1)

        // A save while the library goes on to another page: one reload, of that one, after its transition.
        const loads: string[] = []
        tab.on('request', request => { if (request.isNavigationRequest()) loads.push(new URL(request.url()).pathname) })
        await tab.evaluate(PATIENT)
        // The transition before covers the link for as long as it stands still.
        await tab.waitForFunction(() => !(document as Document & { activeViewTransition?: object | null }).activeViewTransition)
        // It stands still until the page has heard of the save.
        await tab.evaluate(css => { document.adoptedStyleSheets = [new CSSStyleSheet()]; document.adoptedStyleSheets[0]?.replaceSync(css) }, pace('500ms !important; animation-play-state: paused !important'))
        await tab.click('.next')
        if (transition) await tab.waitForFunction(() => document.getAnimations().some(({ effect }) => effect instanceof KeyframeEffect && effect.pseudoElement?.startsWith('::view-transition')))
        await tab.waitForFunction(() => document.querySelector('h1')?.textContent === 'page 11')
        const heard = await tab.evaluate(() => window.__liveReload?.metrics.messages ?? 0)
        writeFileSync(at('views/a.txt'), '2')
        await tab.waitForFunction(heard => Number(window.__liveReload?.metrics.messages) > heard, heard)
        await tab.evaluate(css => { document.adoptedStyleSheets[0]?.replaceSync(css) }, pace('100ms !important'))
        await until(() => tab.evaluate(() => window.__liveReload?.state === 'open' && window.__liveReload.seq === 2 && window.marker === undefined).catch(() => false), 'a reload')
        t.same(loads, ['/page/11'])
        t.equal(await tab.evaluate(() => sessionStorage.getItem('cut')), 'false', 'no transition was cut')
        await until(() => app.liveReload.clients === 1, 'one connection again')
        t.equal(await tab.evaluate(() => document.querySelector('h1')?.textContent), 'page 11')
        t.same(wrong, [])
      })
    }
  }
})
