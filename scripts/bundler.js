// A copy of examples/bundler that runs, to be edited and broken, and a Chromium: what the pictures of the documents are made from.
import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { findChromium } from '../test/support/chromium.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const images = join(root, 'docs/images')

/** Calls `work` with `{ app, url, browser, images }`: the directory of the app, its address, and the directory of the pictures. */
export async function withBundler (work) {
  const app = mkdtempSync(join(realpathSync(tmpdir()), 'live-reload-pictures-'))
  cpSync(join(root, 'examples/bundler'), app, { recursive: true, filter: path => basename(path) !== 'dist' })
  writeFileSync(join(app, 'package.json'), '{ "type": "module" }')
  mkdirSync(join(app, 'node_modules'))
  symlinkSync(root, join(app, 'node_modules/fastify-live-reload'), 'junction')
  for (const name of ['fastify', 'esbuild']) symlinkSync(join(root, 'node_modules', name), join(app, 'node_modules', name), 'junction')
  mkdirSync(images, { recursive: true })

  const found = findChromium()
  const server = spawn(process.execPath, [join(app, 'server.js')], { cwd: app, env: { ...process.env, NODE_OPTIONS: '', NODE_ENV: 'development', PORT: '0' }, stdio: ['ignore', 'pipe', 'inherit'] })
  const browser = await chromium.launch({ ...found ? { executablePath: found.path } : { channel: 'chrome' }, args: ['--no-sandbox', '--disable-gpu'], env: { ...process.env, ...found?.env } })
  try {
    await work({ app, url: await addressOf(server.stdout), browser, images })
  } finally {
    await browser.close()
    server.kill()
    rmSync(app, { recursive: true, force: true, maxRetries: 5 })
  }
}

async function addressOf (output) {
  for await (const line of createInterface(output)) {
    const [url] = /http:\/\/[\w.]+:\d+/.exec(line) ?? []
    if (url) return url
  }
  throw new Error('the example ended without an address')
}
