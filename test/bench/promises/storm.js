// 50 builds a second and 200 clients: how late the server's event loop is, and what each client is told.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { launch, start } from '../children.js'
import { pause, table } from '../measure.js'

const CLIENTS = 200
const EVERY = 20

/** @param {import('../index.js').Run} run */
export async function storm ({ folders, quick, print }) {
  const root = folders.make()
  const source = folders.make({ kind: '' })
  const server = await start('live', root, { source, builder: 'write' }, 'promises/server.js')
  const audience = launch('promises/audience.js', [server.socket, server.stream, String(CLIENTS)])
  await audience.hear('connected')
  const ms = quick ? 200 : 2000
  let count = 0
  const save = () => writeFileSync(join(source, 'kind'), String(++count))
  const kinds = [
    { title: `${1000 / EVERY} builds a second asked for`, every: EVERY, found: [] },
    { title: `${1000 / EVERY} saves a second`, saves: true, found: [] },
    // What the machine does to a server that does nothing.
    { title: '(neither)', found: [] }
  ]
  for (let round = 0; round < (quick ? 1 : 4); round++) {
    for (const { every = 0, saves = false, found } of kinds) {
      await pause(quick ? 100 : 300)
      const ended = server.hear('storm')
      server.child.send({ verb: 'storm', ms, every })
      const timer = saves ? setInterval(save, EVERY) : undefined
      const result = await ended
      clearInterval(timer)
      await pause(quick ? 100 : 700)
      const counted = audience.hear('counted')
      audience.child.send('count')
      found.push({ ...result, ...await counted })
    }
  }
  await audience.stop()
  await server.stop()
  const sum = (found, key) => found.reduce((sum, each) => sum + each[key], 0)
  const rate = (found, key) => sum(found, key) / found.length * 1000 / ms
  print(table([`${CLIENTS} clients`, 'builds a second', 'reload messages a second', 'other messages a second', 'clients that have the last one', 'processor time of the server, % of a core'],
    kinds.map(({ title, found }) => [title, rate(found, 'built'), rate(found, 'reload'), rate(found, 'build'), `${Math.min(...found.map(({ same }) => same))} of ${CLIENTS}`, rate(found, 'cpu') / 10])))
  return kinds.flatMap(({ title, found }) => [['p99', 'p99'], ['max', 'at worst']].map(([key, name]) => (
    { promise: `${title}, ${CLIENTS} clients: the server's event loop is late by, ${name}`, bound: '50 ms', most: 50, values: found.map(each => each[key]) })))
}
