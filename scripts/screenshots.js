// Makes docs/images/*.png from examples/bundler in Chromium: `npm run screenshots`.
import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { findChromium } from '../test/support/chromium.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const images = join(root, 'docs/images')
// Edited and broken here, so it is a copy.
const app = mkdtempSync(join(realpathSync(tmpdir()), 'live-reload-screenshots-'))
const source = join(app, 'src/main.ts')
const found = findChromium()

cpSync(join(root, 'examples/bundler'), app, { recursive: true, filter: path => basename(path) !== 'dist' })
writeFileSync(join(app, 'package.json'), '{ "type": "module" }')
mkdirSync(join(app, 'node_modules'))
symlinkSync(root, join(app, 'node_modules/fastify-live-reload'), 'junction')
for (const name of ['fastify', 'esbuild']) symlinkSync(join(root, 'node_modules', name), join(app, 'node_modules', name), 'junction')
mkdirSync(images, { recursive: true })

const server = spawn(process.execPath, [join(app, 'server.js')], { cwd: app, env: { ...process.env, NODE_OPTIONS: '', NODE_ENV: 'development', PORT: '0' }, stdio: ['ignore', 'pipe', 'inherit'] })
const browser = await chromium.launch({ ...found ? { executablePath: found.path } : { channel: 'chrome' }, args: ['--no-sandbox', '--disable-gpu'], env: { ...process.env, ...found?.env } })
try {
  const url = await addressOf(server.stdout)
  const page = await browser.newPage({ viewport: { width: 1000, height: 600 }, reducedMotion: 'reduce' })
  const good = readFileSync(source, 'utf8')
  const isOpen = () => page.waitForFunction('window.__liveReload?.state === "open"')

  await page.goto(url)
  await isOpen()
  await shoot(page, 'badge')

  // A mistake that people make: a bracket too few.
  writeFileSync(source, good.replace(/\)$/m, ''))
  await page.locator('live-reload-overlay').waitFor({ state: 'attached' })
  await shoot(page, 'overlay')
  await page.emulateMedia({ colorScheme: 'dark' })
  await shoot(page, 'overlay-dark')
  await page.emulateMedia({ colorScheme: 'light' })

  for (let save = 1; save <= 3; save++) {
    const loaded = page.waitForEvent('load')
    writeFileSync(source, `${good}// ${save}\n`)
    await loaded
    await isOpen()
  }
  const status = await browser.newPage({ viewport: { width: 1000, height: 930 }, reducedMotion: 'reduce' })
  await status.goto(`${url}/__live/`)
  await shoot(status, 'status')
} finally {
  await browser.close()
  server.kill()
  rmSync(app, { recursive: true, force: true, maxRetries: 5 })
}

async function addressOf (output) {
  for await (const line of createInterface(output)) {
    const [url] = /http:\/\/[\w.]+:\d+/.exec(line) ?? []
    if (url) return url
  }
  throw new Error('the example ended without an address')
}

/** What is animated has a second to come to rest. */
async function shoot (page, name) {
  await page.waitForTimeout(1000)
  await page.screenshot({ path: join(images, `${name}.png`) })
  console.log(`docs/images/${name}.png`)
}
