// `npm start`: documents -> site -> tab, on a copy of the documents.
import { once } from 'node:events'
import { cpSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import type { Page } from 'playwright-core'
import { test } from 'tap'
import { page } from '../support/browser.js'
import { example, run, type Running } from '../support/example.js'
import { folder, type Folder } from '../support/folder.js'
import { until } from '../support/wait.js'

interface Site extends Running { readonly copy: Folder }

async function site (t: Parameters<typeof run>[0], env: Record<string, string> = { PORT: '0' }): Promise<Site> {
  const copy = folder(t)
  cpSync(example('../docs'), copy.at('docs'), { recursive: true })
  for (const name of ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md']) copy.write(name, readFileSync(example(`../${name}`)))
  const running = await run(t, [example('static-site/server.js')], { DOCS_DIR: copy.at('docs'), OUT_DIR: copy.at('dist'), ...env })
  return { ...running, copy }
}

const isOpen = (tab: Page) => tab.waitForFunction('__liveReload.state === "open"')
const showsHeading = (tab: Page, text: string) => tab.locator('article h1', { hasText: text }).waitFor()

test('an edit of a document shows in the open page', async t => {
  const { url, copy, output } = await site(t)
  t.match(output(), /\d+ pages, \d+ files written/, 'it says what it built')
  t.notMatch(output(), /there is no .* to link to/, 'no link is dead')

  const tab = await page(t)
  await tab.goto(`${url}/getting-started`)
  await isOpen(tab)
  await showsHeading(tab, 'Getting started')
  t.equal(await tab.locator('.sidebar [aria-current="page"]').innerText(), 'Getting started', 'the menu knows where it is')

  const text = readFileSync(copy.at('docs/getting-started.md'), 'utf8')
  copy.write('docs/getting-started.md', text.replace('# Getting started', '# Off we go'))
  await showsHeading(tab, 'Off we go')
  await isOpen(tab)
  t.equal(await tab.evaluate('__liveReload.metrics.reloads'), 1, 'reloaded once')

  copy.write('docs/brand-new.md', '# Brand new\n\nA page.\n')
  await tab.locator('.sidebar a', { hasText: 'Brand new' }).waitFor()
  t.equal((await fetch(`${url}/brand-new`)).status, 200, 'a new document is a new page')

  await tab.goto(`${url}/brand-new`)
  await isOpen(tab)
  rmSync(copy.at('docs/brand-new.md'))
  await showsHeading(tab, 'There is no such page')
  await isOpen(tab)
  copy.write('docs/brand-new.md', '# Back again\n\nA page.\n')
  await showsHeading(tab, 'Back again')
})

test('it looks right: every page, small and large, light and dark', async t => {
  const { url } = await site(t)
  const small = await page(t, { viewport: { width: 360, height: 740 }, colorScheme: 'dark' })
  const failures: string[] = []
  small.on('response', response => { if (response.status() >= 400) failures.push(response.url()) })
  small.on('pageerror', error => failures.push(error.message))

  await small.goto(url)
  const links = await small.evaluate<string[]>('[...document.querySelectorAll(".sidebar a")].map(link => link.href)')
  t.ok(links.length > 10, 'the menu has pages')
  for (const link of links) {
    await small.goto(link)
    t.equal(await small.evaluate('Math.max(document.documentElement.scrollWidth, innerWidth)'), 360, `${await small.title()}: fits on 360 pixels`)
  }
  t.strictSame(failures, [], 'nothing is missing')

  await small.goto(`${url}/options`)
  t.notOk(await small.locator('.sidebar').isVisible(), 'the menu is folded')
  await small.locator('.menu').click()
  t.ok(await small.locator('.sidebar').isVisible(), 'and opens')

  const large = await page(t, { viewport: { width: 1600, height: 900 }, colorScheme: 'light' })
  await large.goto(url)
  t.ok(await large.locator('.sidebar').isVisible())
  t.ok(await large.locator('.contents').isVisible())
  const background = (tab: Page) => tab.evaluate('getComputedStyle(document.body).backgroundColor')
  t.not(await background(large), await background(small), 'light is not dark')
})

test('a taken port is reported, and the next one is used', async t => {
  const taken = createServer()
  taken.on('error', () => { /* Somebody else has it: the same to the example. */ })
  taken.listen(3000, '127.0.0.1')
  await Promise.race([once(taken, 'listening'), once(taken, 'error').catch(() => {})])
  t.teardown(() => new Promise<void>(resolve => taken.close(() => resolve())))

  const { url, output } = await site(t, {})
  t.match(output(), 'port 3000 is taken')
  t.not(new URL(url).port, '3000')
  await until(async () => (await fetch(url)).status === 200, 'the first page')
})
