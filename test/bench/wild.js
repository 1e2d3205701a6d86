// What the server's requests feel of a build that runs wild.
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { launch, start } from './children.js'
import { interleave, median, pause, ratio, table } from './measure.js'

const MODULE = fileURLToPath(new URL('build-module.js', import.meta.url))
const WILD = [['loop', 'loops'], ['print', 'prints without end'], ['memory', 'runs out of memory'], ['again', 'fills the memory, and is replaced every 700 ms']]

/**
 * Rounds without and with it take turns, and so does a loop that has nothing to do with this plugin: what the machine itself does with one more busy process.
 * @param {import('./index.js').Run} run
 */
export async function wild ({ folders, quick, print }) {
  // It asks from the beginning. A build gives way after half a second, and is out of memory after two.
  const [skip, ms] = quick ? [0, 50] : [1300, 1500]
  const rows = []
  for (const [kind, title] of quick ? WILD.slice(0, 1) : WILD) {
    const root = folders.make({ 'page.html': '<!doctype html><title>page</title>' })
    const source = folders.make({ kind: 'nothing' })
    const server = await start('isolated', root, { build: { source, module: MODULE } })
    const load = launch('load.js', [`${server.url}/page.html`, '1000'])
    let count = 0
    // Another content each time, so that it is built again.
    const tell = word => writeFileSync(join(source, 'kind'), `${word} ${++count}`)
    const measure = async times => {
      const told = load.hear('round')
      load.child.send({ skip, ms })
      times.push(await told)
    }
    const idle = { times: [], begin () {}, end () {} }
    const busy = {
      times: [],
      begin () {
        const word = kind === 'again' ? 'memory' : kind
        tell(word)
        if (kind === 'again') busy.again = setInterval(() => tell(word), 700)
      },
      end () {
        clearInterval(busy.again)
        tell('nothing')
      }
    }
    const foreign = {
      times: [],
      begin () { foreign.child = spawn(process.execPath, ['-e', 'for(;;);'], { stdio: 'ignore', detached: true }) },
      end () { foreign.child.kill('SIGKILL') }
    }
    if (!quick) await measure([])
    await interleave(quick ? 1 : 11, [idle, busy, foreign], async ({ times, begin, end }) => {
      await pause(quick ? 0 : 300)
      begin()
      await measure(times)
      end()
    })
    await load.stop()
    await server.stop()
    const [quiet, wild, other] = [idle, busy, foreign].map(({ times }) => median(times.map(({ p99 }) => p99)))
    rows.push([title, ...[idle, busy].map(({ times }) => median(times.map(time => time.median))), quiet, wild, ratio(wild, quiet), other, ratio(other, quiet)])
  }
  print(table(['a build that', 'idle: median, ms', 'meanwhile: median, ms', 'idle: p99, ms', 'meanwhile: p99, ms', 'p99 to idle', 'beside a foreign loop: p99, ms', 'p99 to idle'], rows))
}
