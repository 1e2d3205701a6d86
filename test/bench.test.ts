// Every part of the bench runs and prints its ratios: with so few repetitions that the numbers mean nothing.
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { test } from 'tap'

const BENCH = fileURLToPath(new URL('bench/index.js', import.meta.url))
const { NODE_OPTIONS, NODE_V8_COVERAGE, ...env } = process.env

async function bench (...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [BENCH, '--quick', ...args], { env, timeout: 110_000 })
  return stdout
}

test('every part prints a row of ours against a baseline', async t => {
  const halves = [['save', 'page', 'serve'], ['start', 'burst', 'clients']]
  const outputs = await Promise.all(halves.map(parts => bench(...parts)))
  const output = outputs.join('\n')
  for (const part of halves.flat()) {
    const text = output.split(`## ${part}\n`)[1]?.split('\n## ')[0] ?? ''
    t.match(text, /\| *fastify-live-reload *\|.*\d/, `${part}: ours`)
    t.match(text, /\(\w+ took \d+ s\)/, `${part}: ended`)
    if (part !== 'burst') t.match(text, /\b\d[\d.]* x\b/, `${part}: a ratio`)
  }
  t.match(output, /Node \d+\.\d+\.\d+\n.* x \d+, \d+ GB\n.*@parcel\/watcher \d/, 'the machine, and what was measured')
})

test('an unknown part is refused by name', async t => {
  await t.rejects(bench('speed'), { code: 1, stderr: /no such part: speed; there are save, page, serve, start, burst, clients/ })
})
