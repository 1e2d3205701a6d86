// Hot plugins: from a save to the first answer of the new code, and what a request costs, against the same plugin registered natively.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import autocannon from 'autocannon'
import { interleave, median, ratio, show, table } from './measure.js'

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

/** @param {import('./index.js').Run} run */
export async function hot ({ folders, quick, print }) {
  const dir = folders.make({ 'a.js': source(1), 'package.json': '{ "type": "module" }' })
  const servers = await Promise.all(['native', 'hot'].map(kind => start(kind, dir)))
  const [native, hot] = servers
  const rows = []
  for (const [title, request] of REQUESTS) {
    const found = new Map(servers.map(server => [server, []]))
    await interleave(quick ? 2 : 9, servers, async server => { found.get(server).push(await cost(server, request, quick ? 0.2 : 0.5)) })
    const [one, other] = [found.get(native), found.get(hot)]
    rows.push([title, median(one), median(other), ratio(Math.min(...other), Math.min(...one)), ratio(median(other), median(one))])
  }
  print(table(['CPU, µs per request', 'native', 'hot', 'lowest to lowest', 'median to median'], rows))
  const times = []
  for (let version = 2; version < (quick ? 5 : 32); version++) times.push(await save(hot, dir, version))
  print(table(['from save to answer', 'median, ms', 'slowest, ms', 'saves'], [['a small plugin, default debounce', median(times), Math.max(...times), show(times.length)]]))
  for (const { child } of servers) child.kill()
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
  await new Promise(resolve => setTimeout(resolve, 700))
  const saved = performance.now()
  writeFileSync(join(dir, 'a.js'), source(version))
  for (;;) {
    const answer = await (await fetch(`${url}/hot`)).json()
    if (answer.version === version) return performance.now() - saved
    if (performance.now() - saved > 10_000) throw new Error(`version ${version} never answered`)
  }
}
