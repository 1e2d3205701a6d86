// npm run bench [-- save page serve start burst delivery clients build wild css hot http3 metrics shards promises new] [--quick] [--pages=2000,10000] [--rounds=3]: what a part costs, against its baseline in the same run.
import { readFileSync } from 'node:fs'
import { cpus, release, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import { build } from './build.js'
import { burst } from './burst.js'
import { clients } from './clients.js'
import { css } from './css.js'
import { delivery } from './delivery.js'
import { createFolders } from './files.js'
import { hot } from './hot.js'
import { http3 } from './http3.js'
import { now } from './measure.js'
import { metrics } from './metrics.js'
import { fresh } from './new.js'
import { page } from './page.js'
import { promises } from './promises.js'
import { save } from './save.js'
import { serve } from './serve.js'
import { shards } from './shards.js'
import { start } from './start.js'
import { wild } from './wild.js'

/**
 * @typedef {object} Run what a part is given
 * @property {ReturnType<typeof createFolders>} folders
 * @property {boolean} quick as few repetitions as possible: it shows that a part works, its numbers mean nothing
 * @property {(text: string) => void} print
 * @property {readonly number[] | undefined} pages sizes of the site of `shards`
 * @property {number | undefined} rounds how often `shards` builds each way
 */

const parts = { save, page, serve, start, burst, delivery, clients, build, wild, css, hot, http3, metrics, shards, promises, new: fresh }
const { values: { quick, ...given }, positionals: names } = parseArgs({ allowPositionals: true, options: { quick: { type: 'boolean', default: false }, pages: { type: 'string' }, rounds: { type: 'string' } } })
const [pages, rounds] = [given.pages?.split(',').map(Number), given.rounds === undefined ? undefined : Number(given.rounds)]
const unknown = names.filter(name => !(name in parts))
if (unknown.length > 0) {
  process.stderr.write(`no such part: ${unknown.join(', ')}; there are ${Object.keys(parts).join(', ')}\n`)
  process.exit(1)
}

const print = text => process.stdout.write(`${text}\n\n`)
const version = name => JSON.parse(readFileSync(new URL(`../../node_modules/${name}/package.json`, import.meta.url), 'utf8')).version
const [cpu] = cpus()
print([
  `${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC, ${process.platform} ${release()}, Node ${process.versions.node}`,
  `${cpu?.model.trim()} x ${cpus().length}, ${Math.round(totalmem() / 1024 ** 3)} GB`,
  ['fastify', '@fastify/static', '@parcel/watcher', 'ws'].map(name => `${name} ${version(name)}`).join(', ')
].join('\n'))

const began = now()
const folders = createFolders()
try {
  for (const [name, run] of Object.entries(parts)) {
    if (names.length > 0 && !names.includes(name)) continue
    const from = now()
    print(`## ${name}`)
    await run({ folders, quick, print, pages, rounds })
    print(`(${name} took ${Math.round((now() - from) / 1000)} s)`)
  }
} finally {
  folders.remove()
}
print(`${Math.round((now() - began) / 1000)} s in all`)
