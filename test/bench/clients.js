// Many clients by both transports: how long until a save has reached the last one, and what each of them costs.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { launch, start } from './children.js'
import { pageOf } from './files.js'
import { interleave, median, now, p95, pause, ratio, show, table } from './measure.js'

const MANY = { security: { maxConnections: 3000, rateLimit: false } }

/** @param {import('./index.js').Run} run */
export async function clients ({ folders, quick, print }) {
  const count = quick ? 25 : 1000
  const many = count.toLocaleString('en')
  await race(`${many} sockets`, [['fastify-live-reload', 'live', count, 0], ['parcel -> ws', 'parcel', count, 0], ['fastify-live-reload, streams', 'live', 0, count]])
  await race(`${many} sockets and ${many} streams`, [
    ['fastify-live-reload', 'live', count, count], ['parcel -> ws, as many sockets', 'parcel', 2 * count, 0], ['fastify-live-reload, a build of no work', 'built', count, count]
  ])

  /** The second one is the measure of all. */
  async function race (title, entries) {
    const contestants = []
    for (const [title, name, sockets, streams] of entries) contestants.push(await enter(title, name, folders.make({ [sourceOf(name)]: pageOf(1024), 'public/page.html': pageOf(1024) }), sockets, streams))
    await interleave(quick ? 1 : 15, contestants, contestant => contestant.save(quick ? 10 : 700))
    const baseline = median(contestants[1].last)
    print(table([title, 'first told, ms', 'last told, ms', 'p95, ms', 'to parcel -> ws', 'memory (heap) for each idle client, KB'],
      contestants.map(({ title, first, last, memory, heap }) => [title, median(first), median(last), p95(last), ratio(median(last), baseline), `${show(memory)} (${show(heap)})`])))
    for (const contestant of contestants) await contestant.leave()
  }
}

const sourceOf = name => name === 'built' ? 'src/page.html' : 'page.html'

async function enter (title, name, root, sockets, streams) {
  const contestant = await start(name, root, name === 'parcel' ? {} : MANY)
  await contestant.usage('collect')
  const before = await contestant.usage('collect')
  const crowd = launch('crowd.js', [contestant.socket, String(sockets), contestant.stream, String(streams)])
  await crowd.hear('connected')
  await pause(300)
  await contestant.usage('collect')
  const after = await contestant.usage('collect')
  const count = sockets + streams
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
      writeFileSync(join(root, sourceOf(name)), text)
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
