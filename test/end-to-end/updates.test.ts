// Changes shown without a reload, in real Chromium, with the plugin as users register it.
import { writeFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { test, type Test } from 'tap'
import type { LiveReloadClient } from '../../types/client.js'
import { liveApp } from '../support/app.js'
import { page } from '../support/browser.js'
import { folder } from '../support/folder.js'

declare global { interface Window { __liveReload?: LiveReloadClient, marker?: boolean } }

const HTML = (head: string, body = '<h1>text</h1>') => `<!doctype html><html><head><meta charset="utf-8"><title>page</title>${head}</head><body>${body}</body></html>`

async function visit (t: Test, url: string): Promise<Page> {
  const tab = await page(t)
  await tab.goto(url)
  await tab.waitForFunction(() => window.__liveReload?.state === 'open')
  await tab.evaluate(() => { window.marker = true })
  return tab
}

const colourOf = (tab: Page) => tab.evaluate(() => getComputedStyle(document.querySelector('h1') as Element).color)

test('a saved style sheet is shown without a reload', async t => {
  const { at } = folder(t, { 'index.html': HTML('<link rel="stylesheet" href="css/style.css">'), 'css/style.css': 'h1 { color: rgb(1, 1, 1) }' })
  const { app, url } = await liveApp(t, { root: at('') })
  const tab = await visit(t, url)
  const applied = new Promise(resolve => app.liveReload.on('applied', resolve))
  t.equal(await colourOf(tab), 'rgb(1, 1, 1)')
  writeFileSync(at('css/style.css'), 'h1 { color: rgb(2, 2, 2) }')
  t.match(await applied, { seq: 1, kind: 'update', ms: Number, transport: 'ws' })
  t.equal(await colourOf(tab), 'rgb(2, 2, 2)')
  t.match(await tab.evaluate(() => [window.marker, window.__liveReload?.metrics.updates, window.__liveReload?.metrics.reloads, window.__liveReload?.seq]), [true, 1, 0, 1])
})
