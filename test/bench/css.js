// save -> the new style is the computed one, in Chromium, beside Vite's dev server.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openBrowser } from './browser.js'
import { start } from './children.js'
import { interleave, median, p95, pause, ratio, table } from './measure.js'

const LINK = '<link rel="stylesheet" href="/style.css">'
const MODULE = '<script type="module">import "/style.css"</script>'
const pageOf = head => `<!doctype html><html><head><meta charset="utf-8"><title>x</title>${head}</head><body><h1>text</h1></body></html>`

/** @param {import('./index.js').Run} run */
export async function css ({ folders, quick, print }) {
  const browser = await openBrowser()
  const contestants = [
    await enter(browser, 'fastify-live-reload', 'live', LINK, folders.make()),
    await enter(browser, 'Vite, a link', 'vite', LINK, folders.make()),
    await enter(browser, 'Vite, imported by a module', 'vite', MODULE, folders.make())
  ]
  // The first save fetches what later ones have: it is shown apart.
  const first = []
  for (const contestant of contestants) first.push(await contestant.save())
  await interleave(quick ? 1 : 30, contestants, async contestant => {
    await pause(quick ? 50 : 300)
    const ms = await contestant.save()
    if (ms !== undefined) contestant.times.push(ms)
  })
  const baseline = median(contestants[1].times)
  print(table(['save -> style', 'median, ms', 'p95, ms', 'to Vite', 'the first one, ms'],
    contestants.map(({ title, times }, i) => [title, median(times), p95(times), ratio(median(times), baseline), first[i] ?? NaN])))
  await browser.close()
  for (const contestant of contestants) await contestant.stop()
}

async function enter (browser, title, name, head, root) {
  let count = 0
  const path = join(root, 'style.css')
  writeFileSync(join(root, 'index.html'), pageOf(head))
  writeFileSync(path, 'h1 { width: 1px }')
  const { url, stop } = await start(name, root, {}, name === 'vite' ? 'vite.js' : 'contestant.js')
  const tab = await (await browser.newContext()).newPage()
  const connected = tab.waitForEvent('websocket')
  await tab.goto(url)
  await connected
  await pause(1000)
  return {
    title,
    times: [],
    stop,
    /** Milliseconds by the wall clock, the one that a page and this process share. */
    async save () {
      await tab.bringToFront()
      const wanted = `${++count + 10}px`
      const seen = tab.evaluate(wanted => new Promise(resolve => {
        const heading = globalThis.document.querySelector('h1')
        const end = Date.now() + 5000
        const look = () => {
          if (globalThis.getComputedStyle(heading).width === wanted) resolve(Date.now())
          else if (Date.now() > end) resolve(undefined)
          else setTimeout(look)
        }
        look()
      }), wanted)
      await pause(20)
      const began = Date.now()
      writeFileSync(path, `h1 { width: ${wanted} }`)
      const at = await seen
      return at === undefined ? undefined : at - began
    }
  }
}
