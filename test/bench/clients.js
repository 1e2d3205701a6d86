// 1,000 WebSocket clients: how long until a save has reached the last one, and what each of them costs.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { launch, start } from './children.js'
import { pageOf } from './files.js'
import { interleave, median, now, p95, pause, ratio, show, table } from './measure.js'

const MANY = { security: { maxConnections: 2000 } }

/** @param {import('./index.js').Run} run */
export async function clients ({ folders, quick, print }) {
  const count = quick ? 50 : 1000
  const contestants = []
  for (const [title, name, options] of [['fastify-live-reload', 'live', MANY], ['parcel -> ws', 'parcel', {}]]) {
    contestants.push(await enter(title, name, options, folders.make({ 'page.html': pageOf(1024) }), count))
  }
  await interleave(quick ? 1 : 15, contestants, contestant => contestant.save(quick ? 10 : 700))
  const baseline = median(contestants[1].last)
  print(table([`${count.toLocaleString('en')} clients`, 'first told, ms', 'last told, ms', 'p95, ms', 'to parcel -> ws', 'memory (heap) for each idle client, KB'],
    contestants.map(({ title, first, last, memory, heap }) => [title, median(first), median(last), p95(last), ratio(median(last), baseline), `${show(memory)} (${show(heap)})`])))
  for (const contestant of contestants) await contestant.leave()
}

async function enter (title, name, options, root, count) {
  const contestant = await start(name, root, options)
  await contestant.usage('collect')
  const before = await contestant.usage('collect')
  const crowd = launch('crowd.js', [contestant.socket, String(count)])
  await crowd.hear('connected')
  await pause(300)
  await contestant.usage('collect')
  const after = await contestant.usage('collect')
  const result = { title, first: [], last: [] }
  let saves = 0
  return {
    ...result,
    memory: (after.rss - before.rss) * 1024 / count,
    heap: (after.heap - before.heap) * 1024 / count,
    async save (quiet) {
      const heard = crowd.hear('told')
      const text = pageOf(1024, `<meta name="n" content="${++saves}">`)
      const began = now()
      writeFileSync(join(root, 'page.html'), text)
      const { first, last } = await heard
      result.first.push(first - began)
      result.last.push(last - began)
      await pause(quiet)
    },
    async leave () {
      await crowd.stop()
      await contestant.stop()
    }
  }
}
