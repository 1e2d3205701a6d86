// A save in an editor, seen in real Chromium: the whole way, with the plugin as users register it.
import { fork, type ChildProcess } from 'node:child_process'
import { renameSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { test, type Test } from 'tap'
import { applied } from '../../lib/entries/testing/app.js'
import type { LiveReloadClient } from '../../types/client.js'
import { startApp } from '../support/app.js'
import { devtools, page } from '../support/browser.js'
import { folder } from '../support/folder.js'
import { until } from '../support/wait.js'

declare global { interface Window { __liveReload?: LiveReloadClient } }

const HTML = (text: string) => `<!doctype html><html><head><meta charset="utf-8"><title>${text}</title></head><body style="height:5000px"><h1>${text}</h1></body></html>`

/** An open tab, and how often it loaded a document. */
async function visit (t: Test, url: string): Promise<{ tab: Page, loads: () => number }> {
  const tab = await page(t)
  let loads = 0
  tab.on('request', request => { if (request.isNavigationRequest()) loads++ })
  await tab.goto(url)
  await connected(tab)
  return { tab, loads: () => loads }
}

async function connected (tab: Page): Promise<void> {
  await tab.waitForFunction(() => window.__liveReload?.state === 'open')
}

async function shows (tab: Page, text: string): Promise<void> {
  await tab.waitForFunction(wanted => document.title === wanted && window.__liveReload?.state === 'open', text)
}

// A temporary file of any name is a change of its own where it is there long enough to be seen: no tab shows it, so none reloads for it.
const saves: [name: string, save: (path: string, content: string) => unknown, changes: number][] = [
  ['a plain save', (path, content) => writeFileSync(path, content), 1],
  ['an atomic save', (path, content) => { writeFileSync(`${path}.tmp-x`, content); renameSync(`${path}.tmp-x`, path) }, 1],
  ['an atomic save that takes its time', async (path, content) => {
    writeFileSync(`${path}.tmp-x`, content)
    await sleep(150)
    renameSync(`${path}.tmp-x`, path)
  }, 2]
]

for (const [name, save, changes] of saves) {
  test(`${name} reloads exactly once, scroll stays`, async t => {
    const { at } = folder(t, { 'index.html': HTML('before') })
    const { app, url } = await startApp(t, { root: at('') })
    const { tab, loads } = await visit(t, url)
    const acknowledged = new Promise(resolve => app.liveReload.on('applied', resolve))
    await tab.evaluate(() => scrollTo(0, 1234))
    await save(at('index.html'), HTML('after'))
    await shows(tab, 'after')
    t.match(await acknowledged, { kind: 'reload', transport: 'ws' })
    // A second event comes 50 ms after the first: time enough for a second reload to show.
    await sleep(600)
    t.equal(loads(), 2)
    t.ok(app.liveReload.status().seq <= changes, `${app.liveReload.status().seq} changes`)
    t.equal(await tab.evaluate(() => scrollY), 1234)
  })
}

test('a page that is empty for a while, as in the middle of a save, comes back', async t => {
  const { at } = folder(t, { 'index.html': HTML('before') })
  let made = HTML('made before')
  const { app, url } = await startApp(t, { root: at('') }, { after: async app => { app.get('/made', (_request, reply) => reply.type('text/html').send(made)) } })
  for (const [address, write] of [[url, (html: string) => writeFileSync(at('index.html'), html)], [`${url}/made`, (html: string) => { made = html; app.liveReload.reload() }]] as const) {
    const { tab } = await visit(t, address)
    write('')
    await shows(tab, '')
    write(HTML('after'))
    await shows(tab, 'after')
    t.equal(await tab.title(), 'after')
  }
})

test('a change between "HTML sent" and "socket open" is not lost', async t => {
  const { at } = folder(t, { 'index.html': HTML('before') })
  const { app, url } = await startApp(t, { root: at('') })
  const tab = await page(t)
  // The page is there, its script still on the way: the tab can not know of this save but by its stamp.
  await tab.route('**/client.js*', async route => {
    if (app.liveReload.status().seq === 0) await applied(app, () => writeFileSync(at('index.html'), HTML('after')))
    await route.continue()
  })
  let loads = 0
  tab.on('request', request => { if (request.isNavigationRequest()) loads++ })
  await tab.goto(url)
  await shows(tab, 'after')
  t.equal(loads, 2)
})

test('kill -9 and restart: one reload', async t => {
  const { path, at } = folder(t, { 'index.html': HTML('before') })
  const start = async (port: number): Promise<[ChildProcess, number]> => {
    const child = fork(fileURLToPath(new URL('server.js', import.meta.url)).replace(/js$/, import.meta.url.slice(-2)), [path, String(port)])
    t.teardown(() => child.kill('SIGKILL'))
    const { port: bound } = await new Promise<{ port: number }>(resolve => child.once('message', message => resolve(message as { port: number })))
    return [child, bound]
  }
  const [first, port] = await start(0)
  const { tab, loads } = await visit(t, `http://127.0.0.1:${port}`)
  const epoch = await tab.evaluate(() => window.__liveReload?.epoch)
  first.kill('SIGKILL')
  await tab.waitForFunction(() => window.__liveReload?.state !== 'open')
  writeFileSync(at('index.html'), HTML('after'))
  await start(port)
  await shows(tab, 'after')
  t.not(await tab.evaluate(() => window.__liveReload?.epoch), epoch)
  await sleep(300)
  t.equal(loads(), 2)
})

test('a frozen page (sleep) comes back up to date', async t => {
  const { at } = folder(t, { 'index.html': HTML('before') })
  const { app, url } = await startApp(t, { root: at('') })
  const { tab } = await visit(t, url)
  const session = await devtools(tab)
  await session.send('Page.enable')
  await session.send('Page.setWebLifecycleState', { state: 'frozen' })
  await applied(app, () => writeFileSync(at('index.html'), HTML('after')))
  await session.send('Page.setWebLifecycleState', { state: 'active' })
  await shows(tab, 'after')
  t.equal(await tab.title(), 'after')
})

test('a build: the page shows its output once, and keeps the last good one when it fails', async t => {
  const { at, write } = folder(t, { 'src/page.txt': 'one' })
  const { url, app } = await startApp(t, {
    root: at('out'),
    build: {
      source: at('src'),
      builder: async () => {
        const text = await readFile(at('src/page.txt'), 'utf8')
        write('out/index.html', HTML(`half of ${text}`))
        if (text === 'bad') throw new Error('bad source')
        write('out/index.html', HTML(text))
      }
    }
  })
  const { tab, loads } = await visit(t, url)
  t.equal(await tab.title(), 'one')
  writeFileSync(at('src/page.txt'), 'two')
  await shows(tab, 'two')
  t.equal(loads(), 2)
  const failed = new Promise(resolve => app.liveReload.on('build:end', resolve))
  writeFileSync(at('src/page.txt'), 'bad')
  t.match(await failed, { result: { ok: false, diagnostics: [{ message: 'bad source' }] } })
  await until(() => app.liveReload.status().builds.build?.state === 'failed', 'known')
  await sleep(600)
  t.equal(loads(), 2, 'no reload')
  writeFileSync(at('src/page.txt'), 'three')
  await shows(tab, 'three')
  t.equal(loads(), 3)
})
