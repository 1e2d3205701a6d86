// What an app pays at its start: modules and registration; then, for a large tree, time to answer and to watch, memory, and idle processor time.
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { start as launch } from './children.js'
import { plant } from './files.js'
import { interleave, median, now, pause, ratio, table } from './measure.js'

const NAMES = ['plain', 'parcel', 'live']
/** Part of one core below which a process counts as settled. */
const CALM = 0.05
/** V8 gives memory back when a process has had little to do for half a minute. */
const REST_MS = 60_000

const REGISTER = fileURLToPath(new URL('register.js', import.meta.url))

/** @param {import('./index.js').Run} run */
export async function start ({ folders, quick, print }) {
  await register(folders.make(), quick, print)
  for (const count of quick ? [200] : [10_000, 50_000]) {
    const root = folders.make()
    plant(root, count)
    const found = Object.fromEntries(NAMES.map(name => [name, { answering: [], watching: [], rss: [], settled: [], settledRss: [], settledHeap: [], laterRss: [], idle: [] }]))
    await interleave(quick ? 1 : 3, NAMES, async name => {
      const contestant = await launch(name, root)
      const { rss } = await contestant.usage()
      found[name].answering.push(contestant.answering)
      found[name].watching.push(contestant.watching)
      found[name].rss.push(rss)
      await contestant.stop()
    })
    // All at once: processor time is counted for each process.
    await Promise.all(NAMES.map(name => rest(name, root, found[name], quick)))

    const base = median(found.plain.settledRss)
    const baseHeap = median(found.plain.settledHeap)
    const baseLater = median(found.plain.laterRss)
    print(table([`${count.toLocaleString('en')} files`, 'answering, ms', 'watching, ms', 'to parcel', 'RSS then, MB', 'settled after, s', 'RSS then, over the bare app, MB', 'of it on the heap, after a collection, MB', 'RSS a minute later, over the bare app, MB', 'idle CPU, %'],
      NAMES.map(name => {
        const { answering, watching, rss, settled, settledRss, settledHeap, laterRss, idle } = found[name]
        return [name === 'live' ? 'fastify-live-reload' : name === 'plain' ? 'bare app' : name, median(answering), median(watching), ratio(median(watching), median(found.parcel.watching)),
          median(rss), median(settled), median(settledRss) - base, median(settledHeap) - baseHeap, median(laterRss) - baseLater, median(idle)]
      })))
  }
}

async function rest (name, root, found, quick) {
  const contestant = await launch(name, root)
  const began = now()
  let busy = 1
  for (let last = await contestant.usage(); busy > CALM && now() - began < (quick ? 500 : 30_000);) {
    await pause(quick ? 100 : 500)
    const next = await contestant.usage()
    busy = (next.cpu - last.cpu) / (next.at - last.at)
    last = next
  }
  found.settled.push((now() - began) / 1000)
  const { rss, heap } = await contestant.usage('collect')
  found.settledRss.push(rss)
  found.settledHeap.push(heap)
  await pause(quick ? 10 : REST_MS)
  const before = await contestant.usage('collect')
  found.laterRss.push(before.rss)
  await pause(quick ? 100 : 5000)
  const after = await contestant.usage()
  found.idle.push(100 * (after.cpu - before.cpu) / (after.at - before.at))
  await contestant.stop()
}

/** Import, registration and `ready()`, against plain Fastify with @fastify/static. */
async function register (root, quick, print) {
  const names = { plain: 'Fastify + @fastify/static', live: 'fastify-live-reload', production: 'the same, `enabled: false`' }
  const found = { plain: [], live: [], production: [] }
  await interleave(quick ? 1 : 21, Object.keys(names), async name => {
    found[name].push(Number(execFileSync(process.execPath, [REGISTER, name, root], { env: { ...process.env, NODE_ENV: 'development' } })))
  })
  const base = median(found.plain)
  print(table(['import, register, ready', 'median, ms', 'more than plain, ms'], Object.entries(names).map(([name, label]) => [label, median(found[name]), median(found[name]) - base])))
}
