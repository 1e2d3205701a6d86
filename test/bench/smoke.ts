// Every part of the bench runs and prints its ratios: with so few repetitions that the numbers mean nothing.
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { test } from 'tap'

const BENCH = fileURLToPath(new URL('index.js', import.meta.url))
const { NODE_OPTIONS, NODE_V8_COVERAGE, ...env } = process.env

async function bench (...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [BENCH, '--quick', ...args], { env, timeout: 110_000 })
  return stdout
}

test('a part prints a row of ours against a baseline', async t => {
  const output = await bench('save')
  t.match(output, /\| *fastify-live-reload *\|.*\d/, 'ours')
  t.match(output, /\(save took \d+ s\)/, 'ended')
  t.match(output, /\b\d[\d.]* x\b/, 'a ratio')
  t.match(output, /Node \d+\.\d+\.\d+\n.* x \d+, \d+ GB\n.*@parcel\/watcher \d/, 'the machine, and what was measured')
})

test('an unknown part is refused by name', async t => {
  await t.rejects(bench('speed'), { code: 1, stderr: /no such part: speed; there are save, page, serve, start, burst, delivery, clients, build, wild, css, hot, http3, metrics, shards, promises, new/ })
})
