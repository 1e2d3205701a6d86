// save -> the new page has loaded, with its style sheets, images and scripts, in Chromium.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openBrowser } from './browser.js'
import { start } from './children.js'
import { pageOf } from './files.js'
import { interleave, median, p95, pause, ratio, table } from './measure.js'

// Tells when `load` has fired, and of which save the page is.
const LOADED = "<script>addEventListener('load', () => loaded(Date.now(), Number(document.querySelector('meta[name=n]').content)))</script>"
// The least a page needs to reload itself.
const BARE = "<script>new WebSocket('ws://' + location.host + '/__live/socket').onmessage = () => location.reload()</script>"
const LIVERELOAD_PORT = 25_000 + process.pid % 1000
const LIVERELOAD = `<script src="http://127.0.0.1:${LIVERELOAD_PORT}/livereload.js?snipver=1"></script>`
const SHEETS = ['a.css', 'b.css']
const SCRIPTS = ['a.js', 'b.js']
const IMAGES = ['a.svg', 'b.svg', 'c.svg', 'd.svg']
const PARTS = [
  ...SHEETS.map(name => `<link rel="stylesheet" href="/${name}">`), ...SCRIPTS.map(name => `<script src="/${name}"></script>`), ...IMAGES.map(name => `<img src="/${name}" alt="">`)
].join('')

/** @param {import('./index.js').Run} run */
export async function page ({ folders, quick, print }) {
  const browser = await openBrowser()
  const enterAll = list => Promise.all(list.map(([title, name, options]) => enter(browser, title, name, folders.make(), options)))
  const groups = [
    ['save -> load, a file of a root', await enterAll([
      ['bare client on parcel -> ws', 'parcel', { client: BARE }],
      ['fastify-live-reload', 'live', {}],
      ['the same, client.debounce: 20', 'live', { plugin: { client: { debounce: 20 } } }],
      ['Vite', 'vite', { file: 'vite.js' }],
      ['livereload', 'livereload', { client: LIVERELOAD, plugin: { port: LIVERELOAD_PORT } }]
    ])],
    ['save -> load, a page that a route renders', await enterAll([
      ['bare client on parcel -> ws', 'parcel', { client: BARE, path: '/view' }],
      ['fastify-live-reload', 'live', { path: '/view' }]
    ])]
  ]
  await pause(quick ? 0 : 700)
  const all = groups.flatMap(([, contestants]) => contestants)
  await interleave(quick ? 1 : 24, all, async contestant => {
    const ms = await contestant.save()
    if (ms !== undefined) contestant.times.push(ms)
    await pause(quick ? 50 : 400)
  })
  for (const [title, contestants] of groups) {
    const baseline = median(contestants[0].times)
    print(table([title, 'median, ms', 'p95, ms', 'to the bare client', 'saves seen'],
      contestants.map(({ title, times }) => [title, median(times), p95(times), ratio(median(times), baseline), String(times.length)])))
  }
  await browser.close()
  for (const contestant of all) await contestant.stop()
}

async function enter (browser, title, name, root, { client = '', path = '/page.html', plugin = {}, file = 'contestant.js' }) {
  let count = 0
  const content = () => pageOf(10 * 1024, `<meta name="n" content="${++count}">${LOADED}${client}${PARTS}`)
  const saved = join(root, 'page.html')
  plantParts(root)
  writeFileSync(saved, content())
  const { url, stop } = await start(name, root, plugin, file)
  const tab = await (await browser.newContext()).newPage()
  let loaded = () => {}
  await tab.exposeFunction('loaded', (at, n) => loaded(at, n))
  const connected = tab.waitForEvent('websocket')
  await tab.goto(url + path)
  await connected
  return {
    title,
    times: [],
    stop,
    /** Milliseconds by the wall clock, the one that a page and this process share. */
    async save () {
      await tab.bringToFront()
      const connected = tab.waitForEvent('websocket')
      const text = content()
      const seen = new Promise(resolve => { loaded = (at, n) => { if (n === count) resolve(at) } })
      const began = Date.now()
      writeFileSync(saved, text)
      const at = await Promise.race([seen, pause(5000)])
      await Promise.race([connected.catch(() => {}), pause(1000)])
      return at === undefined ? undefined : at - began
    }
  }
}

/** What the page loads. */
function plantParts (root) {
  mkdirSync(root, { recursive: true })
  for (const name of SHEETS) writeFileSync(join(root, name), 'p { margin: 1em }\n'.repeat(200))
  for (const name of SCRIPTS) writeFileSync(join(root, name), 'globalThis.total = (globalThis.total ?? 0) + 1\n'.repeat(100))
  for (const name of IMAGES) writeFileSync(join(root, name), '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="90"><circle cx="45" cy="45" r="40"/></svg>')
}
