// A plugin from outside: it tells pages about changed translations.
import { cpSync } from 'node:fs'
import { test } from 'tap'
import { page } from '../support/browser.js'
import { example, run } from '../support/example.js'
import { folder } from '../support/folder.js'

test('a translation is edited: the page shows it in place, and a broken file is logged', async t => {
  const copy = folder(t)
  for (const name of ['locales', 'public']) cpSync(example(`translations/${name}`), copy.at(name), { recursive: true })
  const { url, output } = await run(t, [example('translations/server.js')], { PORT: '0', APP_DIR: copy.path })
  const tab = await page(t)
  await tab.goto(`${url}/en`)
  await tab.waitForFunction('__liveReload.state === "open"')
  await tab.locator('input').fill('typed')

  copy.write('locales/de.json', '{ "title": "Anders", "greeting": "x" }')
  copy.write('locales/en.json', '{ "title": "Changed", "greeting": "in place" }')
  await tab.locator('h1', { hasText: 'Changed' }).waitFor()
  t.equal(await tab.locator('p').innerText(), 'in place')
  t.equal(await tab.locator('input').inputValue(), 'typed')
  t.equal(await tab.evaluate('__liveReload.metrics.reloads'), 0, 'without a reload')

  copy.write('locales/en.json', '{ broken')
  copy.write('locales/en.json', '{ "title": "Mended", "greeting": "again" }')
  await tab.locator('h1', { hasText: 'Mended' }).waitFor()
  t.match(output(), /The page is at/)
})
