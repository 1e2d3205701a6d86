// `node --watch` restarts the server: the page reloads once, when the new process answers.
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { test } from 'tap'
import { page } from '../support/browser.js'
import { example, freePort, run } from '../support/example.js'
import { folder } from '../support/folder.js'
import { until } from '../support/wait.js'

const reloads = (tab: Page) => tab.evaluate('__liveReload.metrics.reloads')
const isOpen = (tab: Page) => tab.waitForFunction('__liveReload.state === "open"')
const greeted = (tab: Page, text: string) => tab.locator('h1', { hasText: text }).waitFor()

test('each restart is one reload', async t => {
  const source = (name: string) => readFileSync(example(`node-watch/${name}`), 'utf8')
  const copy = folder(t, { 'package.json': '{ "type": "module" }', 'server.js': source('server.js'), 'page.js': source('page.js') })
  mkdirSync(copy.at('node_modules'))
  symlinkSync(example('..'), copy.at('node_modules/fastify-live-reload'), 'junction')
  symlinkSync(example('../node_modules/fastify'), copy.at('node_modules/fastify'), 'junction')
  const write = (text: string) => copy.write('page.js', text)
  const { url, output } = await run(t, ['--watch', copy.at('server.js')], { PORT: String(await freePort()) })

  const tab = await page(t)
  await tab.goto(url)
  await isOpen(tab)
  const first = await tab.locator('#pid').innerText()

  write(source('page.js').replace('Hello from the server', 'Hello again'))
  await greeted(tab, 'Hello again')
  await isOpen(tab)
  t.equal(await reloads(tab), 1, 'one restart, one reload')
  t.not(await tab.locator('#pid').innerText(), first, 'another process answers')

  write(source('page.js').replace('const greeting', 'const greeting = broken ='))
  await until(() => /Failed running/.test(output()), 'the broken server ends')
  t.equal(await tab.locator('h1').innerText(), 'Hello again', 'the page stays while nobody answers')

  write(source('page.js').replace('Hello from the server', 'Mended'))
  await greeted(tab, 'Mended')
  await isOpen(tab)
  t.equal(await reloads(tab), 2, 'no reload in between, none too many')
})
