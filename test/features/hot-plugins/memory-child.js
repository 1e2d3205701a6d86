// Reloads a plugin with two imports as often as it is told, and prints what stays in memory. In plain Node with a small heap, on the built library.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Fastify from 'fastify'
import liveReload from '../../../dist/lib/index.js'

const [dir = '', rounds = '100'] = process.argv.slice(2)
const total = Number(rounds)
const early = Math.max(10, Math.round(total / 10))

let collected = 0
const registry = new FinalizationRegistry(() => { collected++ })
/** The plugin calls it with an object of its own for every version. */
globalThis.track = object => registry.register(object, undefined)

const source = version => `import { format } from './_format.js'
import { rows } from './_rows.js'
const own = { version: ${version}, filler: new Array(1000).fill(${version}) }
track(own)
export default async function plugin (fastify) {
  fastify.decorate('own', own)
  fastify.addHook('onRequest', async () => { own.seen = true })
  for (const name of ['one', 'two', 'three']) {
    fastify.get('/' + name, { schema: { response: { 200: { type: 'object', properties: { version: { type: 'integer' }, text: { type: 'string' } } } } } }, async () => ({ version: own.version, text: format(rows.length) }))
  }
}
`
const write = version => {
  writeFileSync(join(dir, 'a.js'), source(version))
  writeFileSync(join(dir, '_format.js'), `export const format = value => 'v${version} ' + value\n`)
  writeFileSync(join(dir, '_rows.js'), `export const rows = new Array(100).fill('${version}')\n`)
}

write(1)
const app = Fastify()
// On demand, so that a round is one reload and not as many as the watcher makes of three files.
await app.register(liveReload, { plugins: { dir, watch: false, history: 10 } })
await app.ready()
await app.liveReload.ready
const { plugins } = app.liveReload

/** Objects are told to be gone some time after they are. */
async function settle () {
  for (let i = 0; i < 10; i++) {
    globalThis.gc()
    await new Promise(resolve => setTimeout(resolve, 20))
  }
  return process.memoryUsage.rss()
}

let rssEarly = 0
for (let version = 2; version <= total + 1; version++) {
  write(version)
  // Its imports changed, too.
  if (!await plugins.reload('a')) throw new Error(`reload ${version} failed`)
  const { body } = await app.inject('/one')
  if (body !== JSON.stringify({ version, text: `v${version} 100` })) throw new Error(`version ${version} answers ${body}`)
  if (version === early + 1) rssEarly = await settle()
}
const rss = await settle()
console.log(JSON.stringify({ reloads: total, collected, early, rssEarly, rss }))
await app.close()
