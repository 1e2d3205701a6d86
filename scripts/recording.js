// A short film for the README: an editor beside the page of examples/bundler. What is typed goes to the real file, and the page is the real one.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { animate } from './apng.js'

const SIZE = { width: 1000, height: 440 }
const LINES = 15
const [KEY_MS, REST_MS, LOOK_MS] = [110, 600, 2200]
const STAGE = `<!doctype html>
<style>
  body { margin: 0; display: grid; grid-template-columns: 420px 580px; height: 100vh; overflow: hidden; background: #17191e; color: #d6d9de; font: 13px/25px ui-monospace, monospace }
  #tab { padding: 6px 16px; border-bottom: 1px solid #2b2e36; color: #f4f5f7; font-weight: 600 }
  #text { padding-top: 8px }
  #text div { height: 25px; padding: 0 16px; overflow: hidden; white-space: pre }
  .edited { background: #2a2f3a }
  i { border-left: 2px solid #7fd1ff; margin-right: -2px }
  iframe { width: 725px; height: 550px; border: 0; background: #fff; transform: scale(.8); transform-origin: 0 0 }
</style>
<section id="editor"><div id="tab"></div><div id="text"></div></section><iframe></iframe>`

/** @returns {Promise<Buffer>} an animated PNG */
export async function record (browser, app, url) {
  const stage = await browser.newPage({ viewport: SIZE, colorScheme: 'light', reducedMotion: 'reduce' })
  await stage.setContent(STAGE)
  await stage.evaluate(url => { document.querySelector('iframe').src = url }, url)
  const page = await (await stage.locator('iframe').elementHandle()).contentFrame()
  const isOpen = () => page.waitForFunction('window.__liveReload?.state === "open"')
  const frames = []
  /** The part that has changed, and for how long it is shown. */
  const shoot = async (selector, ms) => {
    const { x, y, width, height } = await stage.locator(selector).boundingBox()
    const clip = { x, y, width: Math.min(width, SIZE.width - x), height: Math.min(height, SIZE.height - y) }
    frames.push({ ...clip, ms, png: await stage.screenshot({ clip }) })
  }
  const edit = async (file, from, to) => {
    const path = join(app, file)
    const text = readFileSync(path, 'utf8')
    const keys = keysOf(from, to)
    for (const [i, [typed, caret]] of keys.entries()) {
      await stage.evaluate(draw, { file, text, from, typed, caret, count: LINES })
      await shoot(i === 0 ? frames.length === 0 ? 'body' : '#editor' : '.edited', i === 0 || i === keys.length - 1 ? REST_MS : KEY_MS)
    }
    writeFileSync(path, text.replace(from, () => to))
  }

  await isOpen()
  await page.locator('[name=hue]').fill('255')
  // In place.
  await edit('src/style.css', 'var(--ground); color', 'lemonchiffon; color')
  await page.waitForFunction('getComputedStyle(document.body).backgroundColor === "rgb(255, 250, 205)"')
  await shoot('iframe', LOOK_MS)
  // A reload, through which the slider stays.
  await edit('public/index.html', '<h1>Palette</h1>', '<h1>Colours</h1>')
  await page.locator('h1', { hasText: 'Colours' }).waitFor()
  await isOpen()
  await shoot('iframe', LOOK_MS)
  // A mistake, and the last good page again.
  await edit('src/main.ts', 'draw()\n', 'draw(\n')
  await page.locator('live-reload-overlay').waitFor({ state: 'attached' })
  await shoot('iframe', LOOK_MS)
  await edit('src/main.ts', 'draw(\n', 'draw()\n')
  await page.locator('live-reload-overlay').waitFor({ state: 'hidden' })
  await isOpen()
  await shoot('iframe', LOOK_MS)
  return animate(SIZE, frames)
}

/** What stands in the place of `from` after each key, and where the caret is. */
function keysOf (from, to) {
  let [head, tail] = [0, 0]
  while (head < Math.min(from.length, to.length) && from[head] === to[head]) head++
  while (tail < Math.min(from.length, to.length) - head && from.at(-1 - tail) === to.at(-1 - tail)) tail++
  const [end, rest] = [from.length - tail, from.slice(from.length - tail)]
  const deleted = Array.from({ length: end - head + 1 }, (_, i) => [from.slice(0, end - i) + rest, end - i])
  const added = Array.from({ length: to.length - tail - head }, (_, i) => [to.slice(0, head + i + 1) + rest, head + i + 1])
  return [...deleted, ...added]
}

/** Runs in the stage: the lines around the edit. */
function draw ({ file, text, from, typed, caret, count }) {
  const at = text.indexOf(from)
  const line = text.slice(0, at).split('\n').length - 1
  const lines = text.split('\n')
  const first = Math.max(0, Math.min(line - 7, lines.length - count))
  const column = at - text.slice(0, at).lastIndexOf('\n') - 1
  // Long lines are moved, as editors do.
  const hidden = Math.max(0, column + from.length - 50)
  document.querySelector('#tab').textContent = file
  document.querySelector('#text').replaceChildren(...lines.slice(first, first + count).map((content, i) => {
    const row = document.createElement('div')
    if (first + i !== line) row.textContent = content.slice(hidden)
    else {
      const changed = content.slice(0, column) + typed + content.slice(column + from.length)
      row.className = 'edited'
      row.append(changed.slice(hidden, column + caret), document.createElement('i'), changed.slice(column + caret))
    }
    return row
  }))
}
