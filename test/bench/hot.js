// Hot plugins: from a save to the first answer of the new code, and what a request costs, against the same plugin registered natively.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { compareCosts, startAll } from './cost.js'
import { median, pause, show, table } from './measure.js'

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

const KINDS = [['native', 'native'], ['native', 'native, once more'], ['hot', 'hot']]

/** @param {import('./index.js').Run} run */
export async function hot ({ folders, quick, print }) {
  const dir = folders.make({ 'a.js': source(1), 'package.json': '{ "type": "module" }' })
  const servers = await startAll(KINDS, kind => start(kind, dir), quick)
  print(await compareCosts(servers, REQUESTS, { quick, rounds: 6 }))
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
  const cpu = async () => {
    child.send('usage')
    const [usage] = await once(child, 'message')
    return usage.cpu
  }
  return { child, url: `http://127.0.0.1:${port}`, cpu }
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
