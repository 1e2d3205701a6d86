// A build that never ends: how long `app.close()` takes while it runs, and who is left when its server is killed.
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { start } from '../children.js'
import { now, pause } from '../measure.js'

const KINDS = [['isolated', 'an isolated build that loops'], ['command', 'a command that ignores SIGTERM'], ['function', 'a function that never settles']]
const LATE = 20_000

/** @param {import('../index.js').Run} run */
export async function builds ({ folders, quick }) {
  const rows = []
  for (const [kind, title] of quick ? KINDS.slice(0, 1) : KINDS) {
    const values = []
    for (let round = 0; round < (quick ? 1 : 3); round++) {
      const server = await stuck(folders, kind)
      const closed = server.hear('close')
      server.child.send({ verb: 'close' })
      values.push((await closed).ms)
      await server.stop()
    }
    rows.push({ promise: `app.close() during ${title}`, bound: '3,000 ms', most: 3000, values })
  }
  // Who is left is read where Linux tells it.
  return process.platform === 'linux' ? [...rows, await killed(folders, quick)] : rows
}

/** Of the server, its children that loop or wait, and what they started. */
async function killed (folders, quick) {
  const values = []
  for (let round = 0; round < (quick ? 1 : 4); round++) {
    const server = await stuck(folders, 'isolated')
    const mine = descendantsOf(server.child.pid)
    if (mine.length < 2) throw new Error('the build and what it started are not there')
    server.child.kill('SIGKILL')
    const began = now()
    while (mine.some(isAlive) && now() - began < LATE) await pause(5)
    values.push(mine.some(isAlive) ? Infinity : now() - began)
  }
  return { promise: 'kill -9 of the server while an isolated build loops: nobody is left', bound: '2,000 ms', most: 2000, values }
}

/** A server whose build has begun, and does not end. */
async function stuck (folders, builder) {
  const source = folders.make({ kind: '' })
  const sign = join(folders.make(), 'begun')
  const server = await start('live', folders.make(), { source, builder }, 'promises/server.js')
  writeFileSync(join(source, 'kind'), sign)
  while (!existsSync(sign)) await pause(5)
  return server
}

/** State, parent and beginning of a process, by Linux; after the name, which may hold anything. */
function statOf (pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/^.*\)\s/s, '').split(' ')
    return { pid, state: fields[0], parent: Number(fields[1]), began: fields[19] }
  } catch {
    return { pid }
  }
}

function descendantsOf (pid) {
  const all = readdirSync('/proc').filter(name => /^\d+$/.test(name)).map(name => statOf(Number(name)))
  const found = [{ pid }]
  for (const { pid } of found) found.push(...all.filter(({ parent }) => parent === pid))
  return found.slice(1)
}

/** What is dead and only not yet reaped by others does not count. */
function isAlive ({ pid, began }) {
  const stat = statOf(pid)
  return stat.began === began && stat.state !== 'Z'
}
