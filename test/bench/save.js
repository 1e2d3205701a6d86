// save -> message: lone saves, saves every 120 ms of one file and of two in turn, new and deleted files, beside Vite, livereload and raw watchers.
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { listen, start } from './children.js'
import { pageOf } from './files.js'
import { interleave, median, now, p95, pause, ratio, table } from './measure.js'

const PORT = 26_000 + process.pid % 1000
const HELLO = JSON.stringify({ command: 'hello', protocols: ['http://livereload.com/protocols/official-7'] })
/** By name: title in the tables, and what is not as usual. */
const CONTESTANTS = {
  live: { title: 'fastify-live-reload' },
  parcel: { title: 'parcel -> ws' },
  'fs.watch': { title: 'fs.watch -> ws' },
  vite: { title: 'Vite', file: 'vite.js', peer: { protocol: 'vite-hmr' } },
  livereload: { title: 'livereload', options: { port: PORT }, peer: { greeting: HELLO } }
}
const LATE = 5000

/** @param {import('./index.js').Run} run */
export async function save ({ folders, quick, print }) {
  const contestants = []
  for (const name of Object.keys(CONTESTANTS)) contestants.push(await enter(name, folders.make({ 'page.html': pageOf(1024), 'other.html': pageOf(1024) })))
  await pause(quick ? 200 : 1000)

  // The native watcher tells the first change after half a second of quiet at once, and the plugin looks again for 0.65 s: so far apart are all saves.
  await interleave(quick ? 1 : 50, contestants, async contestant => {
    const began = now()
    contestant.lone.push(await contestant.save())
    await pause(quick ? 10 : Math.max(0, 750 - (now() - began)))
  })
  print(table(['lone save -> message', 'median, ms', 'p95, ms', 'to parcel -> ws', 'to fs.watch -> ws, ms'], rowsOf(contestants, 'lone')))

  await interleave(quick ? 1 : 2, contestants, async contestant => {
    await pause(quick ? 0 : 700)
    for (let i = 0; i < (quick ? 2 : 15); i++) {
      const began = now()
      contestant.often.push(await contestant.save())
      await pause(Math.max(0, 120 - (now() - began)))
    }
  })
  print(table(['saves every 120 ms -> message', 'median, ms', 'p95, ms', 'to parcel -> ws', 'to fs.watch -> ws, ms'], rowsOf(contestants, 'often')))

  await interleave(quick ? 1 : 2, contestants, async contestant => {
    await pause(quick ? 0 : 700)
    for (let i = 0; i < (quick ? 2 : 15); i++) {
      const began = now()
      contestant.others.push(await contestant.save(i % 2 === 0 ? 'other.html' : 'page.html'))
      await pause(Math.max(0, 120 - (now() - began)))
    }
  })
  print(table(['saves of two files in turn, every 120 ms', 'median, ms', 'p95, ms', 'to parcel -> ws', 'to fs.watch -> ws, ms'], rowsOf(contestants, 'others')))

  await interleave(quick ? 1 : 12, contestants, async contestant => {
    for (const [key, path] of [['made', 'new.html'], ['deleted', undefined]]) {
      await pause(quick ? 100 : 600)
      contestant[key].push(await (path === undefined ? contestant.remove('new.html') : contestant.save(path)))
    }
  })
  print(table(['new file -> message', 'median, ms', 'p95, ms', 'to parcel -> ws', 'to fs.watch -> ws, ms'], rowsOf(contestants, 'made')))
  print(table(['deleted file -> message', 'median, ms', 'p95, ms', 'to parcel -> ws', 'to fs.watch -> ws, ms'], rowsOf(contestants, 'deleted')))

  for (const contestant of contestants) await contestant.leave()
}

async function enter (name, root) {
  const { options, file, peer } = CONTESTANTS[name]
  const contestant = await start(name, root, options, file)
  let told = () => {}
  const hangUp = await listen(contestant.socket, at => told(at), peer)
  let count = 0
  return {
    name,
    lone: [],
    often: [],
    others: [],
    made: [],
    deleted: [],
    save (file = 'page.html') {
      const content = pageOf(1024, `<meta name="n" content="${++count}">`)
      return this.act(() => writeFileSync(join(root, file), content))
    },
    remove (file) {
      return this.act(() => rmSync(join(root, file)))
    },
    /** Milliseconds from the beginning of an action to the first message after it. */
    async act (run) {
      const heard = new Promise(resolve => {
        const timer = setTimeout(resolve, LATE, Infinity)
        told = at => { clearTimeout(timer); resolve(at) }
      })
      const began = now()
      run()
      return await heard - began
    },
    async leave () {
      hangUp()
      await contestant.stop()
    }
  }
}

function rowsOf (contestants, key) {
  const of = name => median(contestants.find(each => each.name === name)[key])
  return contestants.map(({ name, [key]: values }) => [
    CONTESTANTS[name].title, median(values), p95(values), ratio(median(values), of('parcel')), median(values) - of('fs.watch')
  ])
}
