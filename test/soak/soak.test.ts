// The soak runs, and loses nothing: a few tabs for a few seconds. `npm run soak` is the long one.
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { test } from 'tap'

const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url))
const soak = async (...args: string[]): Promise<string> => {
  const { NODE_OPTIONS, NODE_V8_COVERAGE, ...env } = process.env
  const { stdout } = await promisify(execFile)(process.execPath, [`--import=${path('../setup/typescript.js')}`, path('index.js'), ...args], { env, timeout: 120_000 })
  return stdout
}

test('twenty tabs for a few seconds: no change is lost, no rejection unhandled', async t => {
  const output = await soak('0.06', '--tabs=10')
  t.match(output, /tabs, half sockets and half streams +\| 20/)
  t.match(output, /lost.* \| \*\*0\*\* of \d/)
  t.match(output, /unhandled rejections\*\* +\| \*\*0\*\*/)
  t.match(output, /cuts of half the tabs.* \| \d+, [1-9]\d* \/ [1-9]\d* \/ [1-9]\d* \/ [1-9]/, 'saves, broken ones, reloads of a plugin, cuts, tabs that went and came')
})

test('what is neither minutes nor tabs is refused', async t => {
  await t.rejects(soak('long'), { code: 2, stderr: /^long: expected minutes, and --tabs=NUMBER/ })
})
