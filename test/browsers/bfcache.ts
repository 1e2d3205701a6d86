// The back/forward cache for real: npm's headless shell has none, so this needs a whole Chromium (`npm run test:browsers`).
import { writeFileSync } from 'node:fs'
import { chromium } from 'playwright-core'
import { test } from 'tap'
import { applied } from '../../lib/entries/testing/app.js'
import type { LiveReloadClient } from '../../types/client.js'
import { startApp } from '../support/app.js'
import { ARGS } from '../support/browser.js'
import { folder } from '../support/folder.js'
import { page as html } from '../support/page.js'
import { systemProgram } from '../setup/system-program.js'

declare global { interface Window { __liveReload?: LiveReloadClient } }

test('back from the back/forward cache: up to date, and untouched when nothing changed', async t => {
  const { at } = folder(t, { 'index.html': html('before'), 'other.html': html('other') })
  const { app, url } = await startApp(t, { root: at('') })
  const browser = await chromium.launch({
    executablePath: systemProgram('chromium'),
    args: [...ARGS, '--headless=new'],
    ignoreDefaultArgs: ['--disable-back-forward-cache', '--headless']
  })
  t.teardown(() => browser.close())
  const tab = await (await browser.newContext()).newPage()
  const shows = (text: string) => tab.waitForFunction(wanted => document.title === wanted && window.__liveReload?.state === 'open', text)
  const restored = () => tab.evaluate(() => sessionStorage.getItem('restored'))

  await tab.goto(url)
  await shows('before')
  await tab.evaluate(() => addEventListener('pageshow', event => { if (event.persisted) sessionStorage.setItem('restored', String(Number(sessionStorage.getItem('restored')) + 1)) }))
  await tab.goto(`${url}/other.html`)
  await shows('other')
  await tab.goBack({ waitUntil: 'commit' })
  await shows('before')
  t.equal(await restored(), '1', 'it really was in the cache')

  await tab.goForward({ waitUntil: 'commit' })
  await shows('other')
  await applied(app, () => writeFileSync(at('index.html'), html('after')))
  await tab.goBack({ waitUntil: 'commit' })
  await shows('after')
  t.equal(await restored(), '2', 'from the cache again, and then reloaded')
})
