// Saves every 20 ms for 5 s: how far a tab is behind, until it shows that save or a later one.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openBrowser } from '../browser.js'
import { start } from '../children.js'
import { overwrite, pageOf } from '../files.js'
import { pause } from '../measure.js'

const EVERY = 20
const LATE = 10_000

/** @param {import('../index.js').Run} run */
export async function saves ({ folders, quick }) {
  const root = folders.make()
  const path = join(root, 'page.html')
  let count = 0
  const content = () => pageOf(4096, `<script>ran(${String(++count).padStart(6)}, Date.now())</script>`)
  const save = () => {
    overwrite(path, content())
    return count
  }
  writeFileSync(path, content())
  const { url, stop } = await start('live', root, {}, 'promises/server.js')
  const browser = await openBrowser()
  const tab = await (await browser.newContext()).newPage()
  let shown = []
  await tab.exposeFunction('ran', (save, at) => { shown.push({ save, at }) })
  await tab.goto(`${url}/page.html`)
  await tab.waitForFunction('window.__liveReload?.state === "open"')

  const behind = []
  const last = []
  let reloads = 0
  for (let run = 0; run < (quick ? 1 : 3); run++) {
    await pause(quick ? 100 : 1000)
    shown = []
    const saved = []
    const began = Date.now()
    for (let due = began; due < began + (quick ? 300 : 5000); due = Math.max(due + EVERY, Date.now())) {
      await pause(Math.max(0, due - Date.now()))
      const at = Date.now()
      saved.push({ save: save(), at })
    }
    for (const end = Date.now() + LATE; Date.now() < end && shown.at(-1)?.save !== count;) await pause(10)
    const after = saved.map(({ save, at }) => Math.min(...shown.filter(each => each.save >= save).map(each => each.at)) - at)
    behind.push(...after)
    last.push(after.at(-1))
    reloads += shown.length
  }
  await browser.close()
  await stop()
  return [
    { promise: `saves every ${EVERY} ms: a save, or a later one, is on the screen (${reloads} reloads)`, bound: '600 ms', most: 600, values: behind },
    { promise: 'the same: the last one is', bound: '600 ms', most: 600, values: last }
  ]
}
