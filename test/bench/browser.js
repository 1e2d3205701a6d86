// Chromium for the bench: the same one as in the tests, whose TypeScript Node 20 cannot read by itself.
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { chromium } from 'playwright-core'

const ARGS = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']
// Inside the project, so that packages are found from there.
const FINDER = new URL('../../node_modules/.cache/live-reload-bench/chromium.js', import.meta.url)

/**
 * @param {readonly string[]} args
 * @returns {Promise<import('playwright-core').Browser>}
 */
export async function openBrowser (args = ['--disable-quic']) {
  await build({ entryPoints: [fileURLToPath(new URL('../support/chromium.ts', import.meta.url))], outfile: fileURLToPath(FINDER), format: 'esm', platform: 'node' })
  const { findChromium } = await import(FINDER.href)
  const found = findChromium()
  return await chromium.launch({
    ...found ? { executablePath: found.path, env: { ...process.env, ...found.env } } : { channel: 'chrome' },
    args: [...ARGS, ...args]
  })
}
