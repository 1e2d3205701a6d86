// A build that names its sheets by their content writes the page anew each time: shown without a reload all the same. In real Chromium.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { build as esbuild } from 'esbuild'
import type { Page } from 'playwright-core'
import { test, type Test } from 'tap'
import type { LiveReloadClient } from '../../types/client.js'
import type { LiveReloadOptions } from '../../types/options.js'
import { sample } from '../browser/site.js'
import { startApp } from '../support/app.js'
import { page } from '../support/browser.js'
import { folder, type Folder } from '../support/folder.js'
import { until } from '../support/wait.js'

declare global { interface Window { __liveReload?: LiveReloadClient, marker?: boolean } }

const rgb = (n: number) => `rgb(${n}, ${n}, ${n})`
const COLOUR = "getComputedStyle(document.querySelector('h1')).color"

/** As bundlers do it: the old file goes, the new one has another name, and the page names that. */
async function build ({ at, write }: Folder): Promise<void> {
  const sources = await Promise.all(readdirSync(at('src')).map(async name => ({ name, text: await readFile(at(`src/${name}`), 'utf8') })))
  const pages = sources.filter(({ name }) => name.endsWith('.html'))
  const named = sources.filter(source => !pages.includes(source)).map(({ name, text }) => {
    const hash = createHash('sha256').update(text).digest()
    return { name, text, path: name.replace('.', `-${hash.toString('hex').slice(0, 8)}.`), integrity: `sha256-${hash.toString('base64')}` }
  })
  const outputs = new Map(named.map(({ path, text }) => [path, text]))
  for (const { name, text } of pages) outputs.set(name, named.reduce((html, { name, path, integrity }) => html.replaceAll(`"${name}"`, `"${path}" integrity="${integrity}"`), text))
  outputs.set('manifest.json', JSON.stringify(named.map(({ path }) => path)))
  for (const [name, text] of outputs) if (!existsSync(at(`out/${name}`)) || readFileSync(at(`out/${name}`), 'utf8') !== text) write(`out/${name}`, text)
  for (const name of readdirSync(at('out'))) if (!outputs.has(name)) rmSync(at(`out/${name}`))
}

const SITE = {
  'src/index.html': '<!doctype html><html><head><title>one</title><link rel="icon" href="data:,"><link rel="stylesheet" href="app.css"><script src="app.js"></script></head><body><h1>one</h1></body></html>',
  'src/two.html': '<!doctype html><html><head><title>two</title><link rel="icon" href="data:,"><link rel="stylesheet" href="app.css"></head><body><h1>two</h1></body></html>',
  'src/rest.html': '<!doctype html><html><head><link rel="stylesheet" href="app.css"></head><body>nobody opens it</body></html>',
  'src/app.css': `h1 { color: ${rgb(1)} }`,
  'src/app.js': '1'
}

async function start (t: Test, files: Record<string, string> = {}, options: LiveReloadOptions = {}) {
  const at = folder(t, { ...SITE, ...files })
  const { app, url } = await startApp(t, { root: at.at('out'), build: { source: at.at('src'), builder: () => build(at) }, ...options })
  return { app, url, save: (name: string, text: string) => writeFileSync(at.at(`src/${name}`), text) }
}

async function visit (tab: Page, url: string): Promise<Page> {
  await tab.goto(url)
  await tab.waitForFunction(() => window.__liveReload?.state === 'open')
  await tab.evaluate(() => { window.marker = true })
  return tab
}

/** What became of the tab once it shows that change. */
async function after (tab: Page, seq: number) {
  // A hidden tab waits until it is shown.
  await tab.bringToFront()
  return until(() => tab.evaluate(seq => {
    const title = document.querySelector('h1')
    if (title === null || document.readyState !== 'complete' || window.__liveReload?.seq !== seq) return undefined
    return { stayed: window.marker === true, colour: getComputedStyle(title).color, text: title.textContent }
  }, seq).catch(() => undefined), `change ${seq} is shown`)
}

test('a new name of a style sheet is no reload: no flash, in both tabs, again and again', async t => {
  const { app, url, save } = await start(t)
  const { seq } = app.liveReload.status()
  const one = await visit(await page(t), url)
  const two = await visit(await one.context().newPage(), `${url}/two.html`)
  await one.bringToFront()
  const seen = await sample({ page: one } as never, COLOUR)
  for (const [i, n] of [2, 3, 1].entries()) {
    save('app.css', `h1 { color: ${rgb(n)} }`)
    t.match(await after(one, seq + i + 1), { stayed: true, colour: rgb(n), text: 'one' })
  }
  t.same(await seen(), [1, 2, 3, 1].map(rgb), 'in every frame one of the styles')
  t.match(await after(two, seq + 3), { stayed: true, colour: rgb(1), text: 'two' })
  t.match(await one.evaluate(() => window.__liveReload?.metrics), { updates: 3, reloads: 0 })
})

test('anything else that is new in the page is a reload, and the next name is none again', async t => {
  const { app, url, save } = await start(t)
  let { seq } = app.liveReload.status()
  const tab = await visit(await page(t), url)
  const changes: Record<string, () => void> = {
    'the text of the page': () => save('index.html', SITE['src/index.html'].replace('<h1>one', '<h1>new')),
    'the name of a script': () => save('app.js', '2')
  }
  let n = 10
  for (const [name, change] of Object.entries(changes)) {
    app.liveReload.pause()
    const built = new Promise(resolve => app.liveReload.on('build:end', resolve))
    change()
    await built
    save('app.css', `h1 { color: ${rgb(++n)} }`)
    await app.liveReload.build()
    app.liveReload.resume()
    t.match(await after(tab, ++seq), { stayed: false, colour: rgb(n), text: 'new' }, name)
    await tab.evaluate(() => { window.marker = true })
    save('app.css', `h1 { color: ${rgb(++n)} }`)
    t.match(await after(tab, ++seq), { stayed: true, colour: rgb(n), text: 'new' }, `after ${name}`)
  }
})

test('files that another program writes, and by esbuild, which leaves the old ones where they are', async t => {
  const { at, write } = folder(t, { 'src/app.css': `h1 { color: ${rgb(1)} }` })
  const bundle = async () => {
    const { metafile } = await esbuild({ entryPoints: [at('src/app.css')], outdir: at('out'), entryNames: '[name]-[hash]', metafile: true, logLevel: 'silent' })
    const [name] = Object.keys(metafile.outputs) as [string]
    write('out/index.html', SITE['src/two.html'].replace('app.css', basename(name)))
  }
  await bundle()
  const { url } = await startApp(t, { root: at('out') })
  const tab = await visit(await page(t), url)
  const seen = await sample({ page: tab } as never, COLOUR)
  for (const [i, n] of [2, 1, 2].entries()) {
    write('src/app.css', `h1 { color: ${rgb(n)} }`)
    await bundle()
    await until(() => tab.evaluate(COLOUR).then(now => now === rgb(n), () => false), `save ${i + 1} is shown`)
    t.equal(await tab.evaluate(() => window.marker), true)
  }
  t.same(await seen(), [1, 2, 1, 2].map(rgb), 'also by names they had before')
})

test('a change of a sheet whose place another one has taken is no reload', async t => {
  const { at, write } = folder(t, { 'out/index.html': SITE['src/two.html'].replace('app.css', 'app-11111111.css'), 'out/app-11111111.css': `h1 { color: ${rgb(1)} }` })
  const { app, url } = await startApp(t, { root: at('out') })
  const { seq } = app.liveReload.status()
  const tab = await visit(await page(t), url)
  const changed = new Set<string>()
  app.liveReload.on('change', ({ changes }) => { for (const { path } of changes) changed.add(basename(path)) })
  app.liveReload.pause()
  write('out/app-22222222.css', `h1 { color: ${rgb(2)} }`)
  write('out/index.html', SITE['src/two.html'].replace('app.css', 'app-22222222.css'))
  await until(() => changed.size === 2, 'both files are seen')
  app.liveReload.resume()
  t.match(await after(tab, seq + 1), { stayed: true, colour: rgb(2) })
  app.liveReload.update([at('out/app-11111111.css')])
  t.match(await after(tab, seq + 2), { stayed: true, colour: rgb(2) })
})
