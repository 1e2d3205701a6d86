// What a large tree costs: time to answer and to watch, memory, and processor time when nothing happens.
import { start as launch } from './children.js'
import { plant } from './files.js'
import { interleave, median, now, pause, ratio, table } from './measure.js'

const NAMES = ['plain', 'parcel', 'live']
/** Part of one core below which a process counts as settled. */
const CALM = 0.05

/** @param {import('./index.js').Run} run */
export async function start ({ folders, quick, print }) {
  for (const count of quick ? [200] : [10_000, 50_000]) {
    const root = folders.make()
    plant(root, count)
    const found = Object.fromEntries(NAMES.map(name => [name, { answering: [], watching: [], rss: [], settled: [], settledRss: [], idle: [] }]))
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
    print(table([`${count.toLocaleString('en')} files`, 'answering, ms', 'watching, ms', 'to parcel', 'RSS then, MB', 'settled after, s', 'RSS then, over the bare app, MB', 'idle CPU, %'],
      NAMES.map(name => {
        const { answering, watching, rss, settled, settledRss, idle } = found[name]
        return [name === 'live' ? 'fastify-live-reload' : name === 'plain' ? 'bare app' : name, median(answering), median(watching), ratio(median(watching), median(found.parcel.watching)),
          median(rss), median(settled), median(settledRss) - base, median(idle)]
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
  const { rss } = await contestant.usage('collect')
  found.settledRss.push(rss)
  await pause(quick ? 10 : 500)
  const before = await contestant.usage()
  await pause(quick ? 100 : 5000)
  const after = await contestant.usage()
  found.idle.push(100 * (after.cpu - before.cpu) / (after.at - before.at))
  await contestant.stop()
}
