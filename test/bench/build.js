// What isolation costs: a build that does nothing, a stale one replaced, a real one; and what the server's requests feel of a build that runs wild.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import autocannon from 'autocannon'
import { inProcess, isolated } from 'fastify-live-reload'
import { start } from './children.js'
import { interleave, median, now, p95, pause, ratio, show, table } from './measure.js'

const MODULE = fileURLToPath(new URL('build-module.js', import.meta.url))
const WILD = [['loop', 'loops'], ['print', 'prints without end'], ['memory', 'runs out of memory, again and again']]

/** @param {import('./index.js').Run} run */
export async function build ({ folders, quick, print }) {
  await alone(folders, quick, print)
  await markdown(folders, quick, print)
  await wild(folders, quick, print)
}

let last = 0
/** @param {string[]} changed tell the module what to do */
const ask = (builder, changed, signal = new AbortController().signal) => builder.build(
  { id: `bench-${++last}`, reason: 'manual', cwd: process.cwd(), changed, incremental: false },
  { signal, log () {}, progress () {} })

async function alone (folders, quick, print) {
  const times = { function: [], warm: [], cold: [], node: [], replaced: [] }
  const nothing = inProcess(() => {})
  const timed = async run => {
    const began = now()
    const result = await run()
    if (!result.ok) throw new Error(result.diagnostics[0].message)
    return now() - began
  }
  const warm = isolated(MODULE)
  warm.warm()
  await ask(warm, ['nothing'])
  for (let i = 0; i < (quick ? 2 : 300); i++) {
    times.function.push(await timed(() => ask(nothing, [])))
    times.warm.push(await timed(() => ask(warm, ['nothing'])))
  }
  for (let i = 0; i < (quick ? 1 : 15); i++) {
    const cold = isolated(MODULE)
    times.cold.push(await timed(() => ask(cold, ['nothing'])))
    await cold.close()
    times.node.push(await timed(() => once(spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' }), 'exit').then(() => ({ ok: true }))))
  }
  for (let i = 0; i < (quick ? 1 : 15); i++) {
    // The spare child is there again by then.
    await pause(quick ? 300 : 600)
    const stale = new AbortController()
    const looping = ask(warm, ['loop'], stale.signal).catch(() => {})
    await pause(100)
    times.replaced.push(await timed(async () => {
      stale.abort(new Error('stale'))
      await looping
      return ask(warm, ['nothing'])
    }))
  }
  await warm.close()
  const base = median(times.function)
  print(table(['a build that does nothing', 'median, ms', 'p95, ms', 'to a function, ms'], [
    ['function', times.function, base],
    ['fastify-live-reload', times.warm],
    ['the same, the first one (no child yet)', times.cold],
    ['`node -e 0`, for comparison', times.node],
    ['fastify-live-reload, in place of a stale one that loops', times.replaced]
  ].map(([title, values]) => [title, median(values), p95(values), values === times.function ? '' : median(values) - base])))
}

/** The documentation of this project, several times over. */
async function markdown (folders, quick, print) {
  const { renderSite } = await import(MODULE)
  const out = folders.make()
  const contestants = [
    { title: 'in process', builder: inProcess(() => renderSite(out, quick)), times: [] },
    { title: 'isolated', builder: isolated(MODULE), times: [] }
  ]
  const run = async contestant => {
    const began = now()
    const result = await ask(contestant.builder, ['markdown', out, quick ? 'quick' : ''])
    if (!result.ok) throw new Error(result.diagnostics[0].message)
    contestant.times.push(now() - began)
  }
  // Both engines have compiled it then.
  for (let i = 0; i < (quick ? 0 : 8); i++) for (const contestant of contestants) await run(contestant)
  for (const contestant of contestants) contestant.times.length = 0
  await interleave(quick ? 1 : 25, contestants, run)
  const [base] = contestants.map(({ times }) => median(times))
  print(table(['a site of Markdown', 'median, ms', 'p95, ms', 'to in process'], contestants.map(({ title, times }) => [title, median(times), p95(times), ratio(median(times), base)])))
  for (const { builder } of contestants) await builder.close?.()
}

async function wild (folders, quick, print) {
  const rows = []
  for (const [kind, title] of quick ? WILD.slice(0, 1) : WILD) {
    const root = folders.make({ 'page.html': '<!doctype html><title>page</title>' })
    const source = folders.make({ kind: 'nothing' })
    const server = await start('isolated', root, { build: { source, module: MODULE } })
    const idle = []
    const busy = []
    const load = async () => {
      const { latency, non2xx, errors } = await autocannon({ url: `${server.url}/page.html`, connections: 10, overallRate: quick ? 100 : 1000, duration: quick ? 0.3 : 3, sampleInt: 100 })
      if (non2xx + errors > 0) throw new Error(`${non2xx} answers other than 2xx, ${errors} errors`)
      return latency
    }
    if (!quick) await load()
    for (let i = 0; i < (quick ? 1 : 3); i++) {
      writeFileSync(join(source, 'kind'), `nothing ${i}`)
      await pause(quick ? 0 : 1000)
      idle.push(await load())
      // Another content each time, so that it is built again.
      writeFileSync(join(source, 'kind'), `${kind} ${i}`)
      let count = 0
      const again = kind === 'memory' ? setInterval(() => writeFileSync(join(source, 'kind'), `${kind} ${i} ${++count}`), 1500) : undefined
      await pause(quick ? 0 : 700)
      busy.push(await load())
      clearInterval(again)
    }
    await server.stop()
    const [p99Idle, p99Busy] = [idle, busy].map(all => median(all.map(({ p99 }) => p99)))
    rows.push([title, ...[idle, busy].map(all => median(all.map(({ average }) => average))), p99Idle, p99Busy, `${show(Math.max(1, p99Busy) / Math.max(1, p99Idle))} x`])
  }
  print(table(['a build that', 'idle: mean, ms', 'meanwhile: mean, ms', 'idle: p99, ms', 'meanwhile: p99, ms', 'p99 to idle'], rows))
}
