// A service worker that passes on what the page asks for: Chromium then sends a navigation as if a script had asked.
import { test } from 'tap'
import type { LiveReloadClient } from '../../types/client.js'
import { startApp } from '../support/app.js'
import { page } from '../support/browser.js'
import { folder } from '../support/folder.js'

declare global { interface Window { __liveReload?: LiveReloadClient } }

const HTML = (text: string) => `<!doctype html><html><head><meta charset="utf-8"><title>${text}</title></head><body>${text}</body></html>`
const CONTROLLED = 'navigator.serviceWorker.register("/worker.js").then(() => new Promise(resolve => { if (navigator.serviceWorker.controller) resolve(); else navigator.serviceWorker.oncontrollerchange = () => resolve() }))'
const workerWith = (answer: string) => `self.addEventListener("install", () => self.skipWaiting()); self.addEventListener("activate", event => event.waitUntil(self.clients.claim())); self.addEventListener("fetch", event => event.respondWith(${answer}))`

for (const answer of ['fetch(event.request)', 'fetch(event.request, { cache: "no-cache" })']) {
  test(`a page behind ${answer} has the client, its routes, and its error page`, async t => {
    const f = folder(t, { 'site/index.html': HTML('one'), 'site/worker.js': workerWith(answer) })
    let fails = true
    const { url } = await startApp(t, { root: { path: f.at('site'), spa: true } }, {
      after: app => app.get('/failing', async (_request, reply) => {
        if (fails) throw new Error('it fails')
        return await reply.type('text/html').send(HTML('mended'))
      })
    })
    const tab = await page(t)
    const shows = async (title: string) => await tab.waitForFunction(wanted => document.title === wanted && window.__liveReload?.state === 'open', title)
    await tab.goto(url)
    await tab.evaluate(CONTROLLED)

    await tab.reload()
    await shows('one')
    f.write('site/index.html', HTML('two'))
    await shows('two')
    await tab.goto(`${url}/settings/profile`)
    await shows('two')

    t.equal((await tab.goto(`${url}/failing`))?.status(), 500)
    t.match(await tab.innerText('body'), /it fails/)
    fails = false
    f.write('site/index.html', HTML('three'))
    await shows('mended')
    t.ok(await tab.evaluate('navigator.serviceWorker.controller !== null'), 'the worker was there all the time')
  })
}
