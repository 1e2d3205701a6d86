// One client on loopback: from the moment a message is made to the moment it is received, by socket and by stream.
import { listen, listenStream, start } from './children.js'
import { interleave, median, now, p95, pause, ratio, table } from './measure.js'

/** @param {import('./index.js').Run} run */
export async function delivery ({ folders, quick, print }) {
  const contestants = []
  for (const [name, title] of [['live', 'fastify-live-reload'], ['bare', 'bare']]) {
    for (const [kind, hear] of [['socket', listen], ['stream', listenStream]]) contestants.push(await enter(name, `${title}, ${kind}`, kind, hear, folders.make()))
  }
  // The first ones are for the compiler.
  await interleave(quick ? 1 : 50, contestants, contestant => contestant.tell(false))
  await interleave(quick ? 2 : 500, contestants, contestant => contestant.tell(true))
  const of = kind => median(contestants.find(each => each.kind === kind && each.name === 'bare').took)
  print(table(['message made -> received', 'median, ms', 'p95, ms', 'to the bare transport'],
    contestants.map(({ title, kind, took }) => [title, median(took), p95(took), ratio(median(took), of(kind))])))
  for (const contestant of contestants) await contestant.leave()
}

async function enter (name, title, kind, hear, root) {
  const contestant = await start(name, root)
  let told = () => {}
  const hangUp = await hear(contestant[kind], at => told(at))
  const took = []
  return {
    name,
    title,
    kind,
    took,
    async tell (counts) {
      const received = new Promise(resolve => { told = resolve })
      const made = contestant.hear('made')
      contestant.child.send('tell')
      const [at, { at: began }] = await Promise.all([received, made])
      if (counts) took.push(at - began)
      const until = now() + 4
      while (now() < until) await pause(1)
    },
    async leave () {
      hangUp()
      await contestant.stop()
    }
  }
}
