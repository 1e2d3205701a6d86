// A tab that is refused for a while, in Chromium: it waits, comes back by itself, and shows what it missed.
import { writeFileSync } from 'node:fs'
import { test } from 'tap'
import { startApp } from '../support/app.js'
import { page } from '../support/browser.js'
import { folder } from '../support/folder.js'
import { page as html } from '../support/page.js'
import { until } from '../support/wait.js'

test('security.rateLimit: a tab waits as long as it is told, and shows what it missed', async t => {
  const { at } = folder(t, { 'index.html': html('before') })
  let refused = 0
  const { app, request, url } = await startApp(t, { root: at(''), security: { rateLimit: { max: 30, window: 3000 } } }, {
    before: app => app.addHook('onResponse', async (_, { statusCode }) => { if (statusCode === 429) refused++ })
  })
  const tab = await page(t)
  await tab.goto(url)
  await tab.waitForFunction("__liveReload.state === 'open'")
  // Until nothing is left, early in a window.
  while (!(Number((await request('/__live/health')).headers['retry-after']) > 1));
  refused = 0
  await tab.evaluate('__liveReload.reconnect()')
  await until(() => refused > 0, 'the tab is refused')
  writeFileSync(at('index.html'), html('after'))
  await tab.waitForFunction("document.title === 'after' && __liveReload.state === 'open'")
  t.ok(refused <= 4, `${refused} requests were refused`)
  t.equal(await tab.evaluate('__liveReload.connectionType'), 'ws', 'the transport is not to blame')
  t.equal(app.liveReload.clients, 1)
})
