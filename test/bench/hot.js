// Hot plugins: from a save to the first answer of the new code, and what a request costs, against the same plugin registered natively.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import autocannon from 'autocannon'
import { interleave, median, pause, ratio, show, table } from './measure.js'

const SERVER = fileURLToPath(new URL('hot-server.js', import.meta.url))
const source = version => `export default async fastify => {
  fastify.get('/hot', async () => ({ version: ${version} }))
  fastify.post('/hot', { schema: { body: { type: 'object', properties: { n: { type: 'integer' } } } } }, async ({ body }) => body)
}
`
const REQUESTS = [
  ['GET of the plugin', { path: '/hot' }],
  ['POST of the plugin', { path: '/hot', method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"n":1}' }],
  ['GET of another route of the app', { path: '/app' }]
]

// Two processes of the same kind differ by more than what is measured here: so there are several, and the same again as a scale.
const KINDS = [['native', 'native'], ['native', 'native, once more'], ['hot', 'hot']]
const PROCESSES = 3

/** @param {import('./index.js').Run} run */
export async function hot ({ folders, quick, print }) {
  const dir = folders.make({ 'a.js': source(1), 'package.json': '{ "type": "module" }' })
  const servers = await Promise.all(KINDS.flatMap(([kind, title]) => Array.from({ length: quick ? 1 : PROCESSES }, async () => ({ title, ...await start(kind, dir) }))))
  const rows = []
  for (const [what, request] of REQUESTS) {
    const found = new Map(KINDS.map(([, title]) => [title, []]))
    if (!quick) for (const server of servers) await cost(server, request, 0.3)
    await interleave(quick ? 2 : 6, servers, async server => { found.get(server.title).push(await cost(server, request, quick ? 0.2 : 0.3)) })
    const native = found.get('native')
    for (const [title, costs] of found) {
      rows.push([costs === native ? what : '', title, median(costs), ...costs === native ? ['', ''] : [ratio(Math.min(...costs), Math.min(...native)), ratio(median(costs), median(native))]])
    }
  }
  print(table(['CPU, µs per request', 'by', 'median', 'lowest to lowest', 'median to median'], rows))
  // The others would compile each save, too.
  const last = servers.pop()
  for (const { child } of servers) child.kill()
  const times = []
  for (let version = 2; version < (quick ? 5 : 32); version++) times.push(await save(last, dir, version))
  print(table(['from save to answer', 'median, ms', 'slowest, ms', 'saves'], [['a small plugin, default debounce', median(times), Math.max(...times), show(times.length)]]))
  last.child.kill()
}

async function start (kind, dir) {
  const child = fork(SERVER, [kind, dir], { env: { ...process.env, NODE_ENV: 'development' } })
  const [{ port }] = await once(child, 'message')
  return { child, url: `http://127.0.0.1:${port}` }
}

async function cost ({ child, url }, { path, ...request }, duration) {
  const usage = async () => {
    child.send('usage')
    const [{ cpu }] = await once(child, 'message')
    return cpu
  }
  const before = await usage()
  const { requests, non2xx } = await autocannon({ url: url + path, ...request, connections: 10, duration })
  if (non2xx > 0) throw new Error(`${path}: ${non2xx} answers other than 2xx`)
  return (await usage() - before) / requests.total
}

/** Saves wait for each other, with a pause: no burst. */
async function save ({ url }, dir, version) {
  await pause(700)
  const saved = performance.now()
  writeFileSync(join(dir, 'a.js'), source(version))
  for (;;) {
    const answer = await (await fetch(`${url}/hot`)).json()
    if (answer.version === version) return performance.now() - saved
    if (performance.now() - saved > 10_000) throw new Error(`version ${version} never answered`)
  }
}
