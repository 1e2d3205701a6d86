// What goes wrong in a build is told in the same way, whether its shards are built by processes of this machine or by workers.
import { after, before, test } from 'tap'
import type { BuildResult } from '../../types/build.js'
import type { ShardedOptions } from '../../types/shards.js'
import { serveShards } from '../../lib/entries/distributed/worker/serve-shards.js'
import { by } from '../../lib/entries/shards/partition/by.js'
import { processExecutor } from '../../lib/entries/shards/run/executors.js'
import { local } from '../../lib/entries/shards/run/local.js'
import { distributedSite, SECRET } from '../entries/distributed/site.js'
import { startRedis, type RedisServer } from '../support/brokers.js'

process.execArgv.splice(0, Infinity, '--import=./test/setup/typescript.js')

const executor = processExecutor({ size: 2, maxMemory: 128 })
let redis: RedisServer
before(async () => { redis = await startRedis() })
after(() => Promise.all([redis.close(), executor.close()]))

const GOOD = { 'a/a.txt': 'good', 'c/c.txt': 'good' }
/** Which of several shards is named first depends on which ends first. */
const NO_C = { 'c/c.txt': undefined }
const ONLY_B = { ...NO_C, 'a/a.txt': undefined, 'b/b.txt': 'good' }
const renders = (body: string) => `
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
export default async function ({ pages, cwd }) {
  const files = {}
  for (const { id, file } of pages) {
    const text = readFileSync(join(cwd, file), 'utf8')
    if (text.includes('bad')) { ${body} }
    files[id.replace('.txt', '.html')] = text
  }
  return { files }
}
`

interface Row { readonly body?: string, readonly module?: string, readonly sources?: Readonly<Record<string, string | undefined>>, readonly options?: Partial<ShardedOptions>, readonly ok?: boolean }

const rows: Readonly<Record<string, Row>> = {
  'a good build': { ok: true, sources: { 'b/b.txt': 'good' } },
  'a build without pages': { ok: true, sources: { ...NO_C, 'a/a.txt': undefined } },
  'an error': { body: "throw new Error('broken: ' + id)" },
  'an error with a cause': { body: "throw new Error('outer', { cause: new Error('inner') })" },
  'an error that knows its place': { body: "throw Object.assign(new Error('unexpected }'), { name: 'SyntaxError', loc: { file, line: 3, column: 7 } })" },
  'something that is no error': { body: "throw 'a text'" },
  nothing: { body: 'throw undefined' },
  'a rejection that nobody handles': { body: "Promise.reject(new Error('nobody handles it')); await new Promise(resolve => setTimeout(resolve, 200))" },
  'an error in a timer': { body: "setTimeout(() => { throw new Error('later') }); await new Promise(resolve => setTimeout(resolve, 200))" },
  'an error of many megabytes': { body: "throw new Error('x'.repeat(5_000_000))" },
  'an exit': { body: 'process.exit(3)' },
  'an exit with 0': { body: 'process.exit(0)' },
  'a crash': { body: 'process.abort()' },
  'a kill': { body: "process.kill(process.pid, 'SIGKILL'); await new Promise(() => {})" },
  'no end': { body: 'await new Promise(() => {})', options: { timeout: 2_500 } },
  'a loop': { body: 'for (;;);', options: { timeout: 2_500 } },
  'all memory': { body: 'const all = []; for (;;) all.push(new Array(32e6).fill(id))', options: { timeout: 30_000 } },
  'rubbish as a result': { body: 'return 5' },
  'a wrong field': { body: 'return { files, sitemapEntries: [{ url: 5 }] }' },
  'an unknown field': { body: 'return { files, pages: 1 }' },
  'a path out of the site': { body: "files['../out.html'] = text" },
  'an absolute path': { body: "files['/out.html'] = text" },
  'errors of its own': { body: "return { files, errors: [{ severity: 'error', message: 'wrong: ' + id, file, line: 2 }] }" },
  'warnings of its own': { ok: true, body: "return { files, errors: [{ severity: 'warning', message: 'careful: ' + id }] }" },
  'a file of two shards': { sources: { 'b/b.txt': 'good', ...NO_C }, module: renders('').replace("files[id.replace('.txt', '.html')]", "files['same.html']") },
  'output on both streams': { ok: true, body: "process.stdout.write('out\\n'); process.stderr.write('err\\n')" },
  'a module that cannot be parsed': { sources: ONLY_B, module: 'export default (' },
  'a module that throws when it is loaded': { sources: ONLY_B, module: "throw new Error('at load')" },
  'a module without a function': { sources: ONLY_B, module: 'export default 5' },
  'a module that imports what is not there': { sources: ONLY_B, module: "import './none.js'\nexport default () => ({})" }
}

/** What a person is told, without what differs between two builds of the same kind. */
function told ({ ok, diagnostics, outputs }: BuildResult) {
  const told = diagnostics.map(({ stack, ...rest }) => ({ ...rest, message: rest.message.replace(/\d+ ms/g, 'some ms') }))
  return { ok, diagnostics: told.sort((x, y) => x.message < y.message ? -1 : 1), outputs: [...outputs ?? []].sort() }
}

for (const [name, { body = '', module = renders(body), sources = { 'b/b.txt': 'bad' }, options = {}, ok = false }] of Object.entries(rows)) {
  test(`the same is told of ${name}`, async t => {
    const kept = Object.entries({ ...GOOD, ...sources }).flatMap(([path, text]) => text === undefined ? [] : [[path, text]])
    const one = distributedSite(t, redis.url, Object.fromEntries(kept))
    one.site.write('shard.mjs', module)
    const server = await serveShards({ ...one.shared, cwd: one.site.at('.'), executor, secret: SECRET, log () {} })
    t.teardown(() => server.close())
    const cache = { get () {}, put () {} }
    const common: Partial<ShardedOptions> = { minPages: 0, partition: by.section, cache, ...options }
    const here = told(await one.site.build(one.site.builder({ ...common, on: local({ executor }) })))
    const output = one.site.output()
    const there = told(await one.site.build(one.builder({}, common)))
    t.equal(here.ok, ok)
    t.strictSame(there, here)
    t.strictSame(one.site.output(), output)
  })
}
