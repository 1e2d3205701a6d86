// What isolation costs: a build that does nothing, a stale one replaced, a real one.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { inProcess, isolated } from 'fastify-live-reload'
import { interleave, median, now, p95, pause, ratio, table } from './measure.js'

const MODULE = fileURLToPath(new URL('build-module.js', import.meta.url))

/** @param {import('./index.js').Run} run */
export async function build ({ folders, quick, print }) {
  await alone(folders, quick, print)
  await markdown(folders, quick, print)
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
