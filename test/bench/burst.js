// 5,000 writes at once: how many messages, and how long after the last write the last of them.
import { writeFileSync } from 'node:fs'
import { listen, start } from './children.js'
import { plant } from './files.js'
import { interleave, median, now, pause, table } from './measure.js'

const CONTESTANTS = [
  ['fastify-live-reload', 'live', {}],
  ['the same, with a build', 'build', {}],
  ['the same, with a build and debounce: 150', 'build', { debounce: 150 }],
  ['parcel -> ws', 'parcel', {}],
  ['fs.watch -> ws', 'fs.watch', {}]
]

/** @param {import('./index.js').Run} run */
export async function burst ({ folders, quick, print }) {
  const count = quick ? 100 : 5000
  const contestants = []
  for (const [title, name, options] of quick ? CONTESTANTS.slice(0, 2) : CONTESTANTS) contestants.push(await enter(title, name, options, folders.make(), count))
  await pause(quick ? 0 : 1000)
  await interleave(quick ? 1 : 2, contestants, contestant => contestant.burst(quick ? 300 : 1200))
  print(table([`${count.toLocaleString('en')} writes`, 'messages', 'builds', 'writing took, ms', 'last message after the last write, ms'],
    contestants.map(({ title, messages, builds, took, last }) => [title, listed(messages), listed(builds), median(took), median(last)])))
  for (const contestant of contestants) await contestant.leave()
}

const listed = numbers => [...new Set(numbers)].sort((a, b) => a - b).join(', ')

async function enter (title, name, options, root, count) {
  const paths = plant(root, count)
  const contestant = await start(name, root, options)
  let told = []
  let built = 0
  const hangUp = await listen(contestant.socket, at => told.push(at))
  contestant.child.on('message', ({ type }) => { if (type === 'built') built++ })
  let round = 0
  const result = { title, messages: [], builds: [], took: [], last: [] }
  return {
    ...result,
    async burst (quiet) {
      round++
      told = []
      built = 0
      const began = now()
      for (const path of paths) writeFileSync(path, `<!doctype html><title>${round}</title>`)
      const end = now()
      while (now() - Math.max(end, told.at(-1) ?? 0) < quiet) await pause(20)
      result.messages.push(told.length)
      result.builds.push(name === 'build' ? built : '-')
      result.took.push(end - began)
      result.last.push((told.at(-1) ?? NaN) - end)
    },
    async leave () {
      hangUp()
      await contestant.stop()
    }
  }
}
