// save -> page reloaded, in Chromium: until the first script of the new document runs.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openBrowser } from './browser.js'
import { start } from './children.js'
import { pageOf } from './files.js'
import { interleave, median, p95, pause, ratio, table } from './measure.js'

const RAN = '<script>ran(Date.now())</script>'
// The least a page needs to reload itself.
const BARE = "<script>new WebSocket('ws://' + location.host + '/__live/socket').onmessage = () => location.reload()</script>"

/** @param {import('./index.js').Run} run */
export async function page ({ folders, quick, print }) {
  const browser = await openBrowser()
  const contestants = [
    await enter(browser, 'fastify-live-reload', 'live', '', folders.make(), {}),
    await enter(browser, 'the same, client.debounce: 20', 'live', '', folders.make(), { client: { debounce: 20 } }),
    await enter(browser, 'bare client on parcel -> ws', 'parcel', BARE, folders.make(), {})
  ]
  await pause(quick ? 0 : 700)
  await interleave(quick ? 1 : 12, contestants, async contestant => {
    const ms = await contestant.save()
    if (ms !== undefined) contestant.times.push(ms)
    await pause(quick ? 50 : 400)
  })
  const baseline = median(contestants[2].times)
  print(table(['save -> first script of the new document', 'median, ms', 'p95, ms', 'to the bare client'],
    contestants.map(({ title, times }) => [title, median(times), p95(times), ratio(median(times), baseline)])))
  await browser.close()
  for (const contestant of contestants) await contestant.stop()
}

async function enter (browser, title, name, client, root, options) {
  let count = 0
  const content = () => pageOf(10 * 1024, `${RAN}${client}<meta name="n" content="${++count}">`)
  const path = join(root, 'page.html')
  writeFileSync(path, content())
  const { url, stop } = await start(name, root, options)
  const context = await browser.newContext()
  const tab = await context.newPage()
  let ran = () => {}
  await tab.exposeFunction('ran', at => ran(at))
  const connected = tab.waitForEvent('websocket')
  await tab.goto(`${url}/page.html`)
  await connected
  return {
    title,
    times: [],
    stop,
    /** Milliseconds by the wall clock, the one that a page and this process share. */
    async save () {
      await tab.bringToFront()
      const connected = tab.waitForEvent('websocket')
      const heard = new Promise(resolve => { ran = resolve })
      const text = content()
      const began = Date.now()
      writeFileSync(path, text)
      const at = await Promise.race([heard, pause(5000)])
      await Promise.race([connected.catch(() => {}), pause(1000)])
      return at === undefined ? undefined : at - began
    }
  }
}
