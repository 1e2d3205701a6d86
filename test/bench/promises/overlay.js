// A mistake in the example `bundler`: until the overlay can be seen.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { openBrowser } from '../browser.js'
import { overwrite } from '../files.js'
import { pause } from '../measure.js'

const at = path => fileURLToPath(new URL(`../../../${path}`, import.meta.url))
// Its shadow root is closed.
const KEEP = `
  const attach = Element.prototype.attachShadow
  Element.prototype.attachShadow = function (options) {
    const tree = attach.call(this, options)
    if (this.localName === 'live-reload-overlay') window.overlay = tree
    return tree
  }`

/** In the page: the time after the frame in which it was open and more there than not, as it fades in. */
const seen = () => new Promise(resolve => {
  const end = Date.now() + 5000
  const look = () => {
    const dialog = globalThis.overlay?.querySelector('dialog[open]')
    const panel = dialog?.querySelector('.panel') ?? dialog
    if (panel?.getBoundingClientRect().height > 0 && globalThis.getComputedStyle(panel).opacity > 0.5) globalThis.setTimeout(() => resolve(Date.now()))
    else if (Date.now() > end) resolve(Infinity)
    else globalThis.requestAnimationFrame(look)
  }
  look()
})

/** @param {import('../index.js').Run} run */
export async function overlay ({ folders, quick }) {
  const { path, url, stop } = await startExample(folders)
  const file = join(path, 'src/palette.ts')
  const good = readFileSync(file, 'utf8')
  const bad = good.replace('const held =', 'const held = =')
  const browser = await openBrowser()
  const tab = await (await browser.newContext()).newPage()
  await tab.addInitScript(KEEP)
  await tab.goto(url)
  const connected = () => tab.waitForFunction('window.__liveReload?.state === "open"')
  const values = []
  for (let round = 0; round < (quick ? 1 : 15); round++) {
    await connected()
    await pause(quick ? 0 : 300)
    const visible = tab.evaluate(seen)
    await pause(30)
    const began = Date.now()
    overwrite(file, bad)
    values.push(await visible - began)
    // Mended, and another one than before: a new document, that has no overlay yet.
    const loaded = tab.waitForEvent('load')
    overwrite(file, good.replace('[950, 0.24]', `[950, 0.${100 + round}]`).padEnd(bad.length))
    await loaded
  }
  await browser.close()
  await stop()
  return [{ promise: 'the save that breaks the build: the overlay is on the screen', bound: '300 ms', most: 300, values }]
}

/** In a folder of its own: its sources are edited. */
async function startExample (folders) {
  const path = folders.make({ 'package.json': '{ "type": "module" }' })
  cpSync(at('examples/bundler'), path, { recursive: true, filter: from => basename(from) !== 'dist' })
  mkdirSync(join(path, 'node_modules'))
  symlinkSync(at('.'), join(path, 'node_modules/fastify-live-reload'), 'junction')
  symlinkSync(at('node_modules/fastify'), join(path, 'node_modules/fastify'), 'junction')
  const child = spawn(process.execPath, ['server.js'], { cwd: path, env: { ...process.env, NODE_ENV: 'development', PORT: '0' }, stdio: ['ignore', 'pipe', 'inherit'] })
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  for await (const line of createInterface(child.stdout)) {
    const [url] = /http:\/\/[\w.:]+/.exec(line) ?? []
    if (url === undefined) continue
    child.stdout.resume()
    return {
      path,
      url,
      async stop () {
        process.off('exit', kill)
        const exit = once(child, 'exit')
        child.kill()
        await exit
      }
    }
  }
  throw new Error('the example ended')
}
