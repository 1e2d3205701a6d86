// A site whose shards go to workers: its builder here, and workers in this process or in others.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { distributed } from '../../../lib/entries/distributed/coordinator/distributed.js'
import type { DistributedOptions, ServeOptions, ShardReport } from '../../../lib/entries/distributed/options.js'
import { by } from '../../../lib/entries/shards/partition/by.js'
import type { ShardedOptions } from '../../../types/shards.js'
import { contextOf, smallSite, type SmallSite } from '../shards/small-site.js'
import { until } from '../../support/wait.js'

export const SECRET = 'a secret of the tests'

/** Says which process builds which shard. `hold` waits for the file `go`, `exit` ends its process, `kill` that of the worker. */
const MODULE = `
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
export default async ({ shardId, pages, cwd, globals }, { log, progress }) => {
  const files = {}
  const isInline = globals.server === process.pid
  appendFileSync(join(cwd, 'begun.log'), [shardId, isInline ? 'here' : 'worker', isInline ? process.pid : process.ppid, Date.now()].join(' ') + '\\n')
  for (const { id, file } of pages) {
    const text = readFileSync(join(cwd, file), 'utf8')
    if (text.includes('exit') && !isInline) process.exit(3)
    if (text.includes('kill') && !isInline) { process.kill(process.ppid, 'SIGKILL'); await new Promise(() => {}) }
    if (text.includes('throw')) throw new Error('broken: ' + id)
    if (text.includes('say')) log('said by ' + shardId)
    while (text.includes('hold') && !existsSync(join(cwd, 'go'))) await new Promise(resolve => setTimeout(resolve, 10))
    files[id.replace('.txt', '.html')] = text
  }
  return { files, links: pages.map(({ id }) => ['/' + id, ['#']]) }
}
`

const WORKER = `import { serveShards } from './lib/entries/distributed/index.js'
const server = await serveShards({ ...JSON.parse(process.argv[2]), log: line => process.send(line) })
process.on('message', () => server.close().then(() => process.exit()))
process.on('disconnect', () => process.exit())`

export interface Begun { readonly shard: string, readonly where: string, readonly worker: number, readonly at: number }

export interface WorkerProcess {
  readonly child: ChildProcess
  /** Settles when it has ended. */
  readonly ended: Promise<unknown>
  readonly lines: string[]
  kill (): Promise<void>
}

type Test = Parameters<typeof smallSite>[0]
let projects = 0

/** Sources are `section/name.txt`, and each section is a shard. `connection`: that of the broker. `library`: the plain one, for workers in processes. */
export function distributedSite (t: Test, connection: string, sources: Readonly<Record<string, string>>, library = '') {
  const site = smallSite(t, sources)
  site.write('shard.mjs', MODULE)
  // Once: a worker that starts while another one is written would read half of it.
  const program = join(library, 'worker.mjs')
  if (library !== '') writeFileSync(program, WORKER)
  const reports: ShardReport[] = []
  const shared = { connection, store: site.at('store'), secret: SECRET, project: `test-${process.pid}-${++projects}`, lockDuration: 1_000, stalledInterval: 500 }
  const begun = (): Begun[] => existsSync(site.at('begun.log'))
    ? readFileSync(site.at('begun.log'), 'utf8').trim().split('\n').map(line => {
      const [shard = '', where = '', worker, at] = line.split(' ')
      return { shard, where, worker: Number(worker), at: Number(at) }
    })
    : []
  return {
    site,
    reports,
    shared,
    begun,
    go: () => writeFileSync(site.at('go'), ''),
    /** Waits until a worker has begun the shard. */
    begins: (shard: string, times = 1) => until(() => begun().filter(one => one.shard === shard && one.where === 'worker')[times - 1], `${shard} begins for the time ${times}`),
    builder: (options: Partial<DistributedOptions> = {}, more: Partial<ShardedOptions> = {}) => site.builder({
      minPages: 0,
      partition: by.section,
      globals: () => ({ server: process.pid }),
      on: distributed({ ...shared, onShard: report => { reports.push(report) }, ...options }),
      ...more
    }),
    /** A worker as another machine has it, with arguments for Node.js. Resolves when it serves, or a shard has ended it before it could say so. */
    async worker (options: Partial<ServeOptions> = {}, node: readonly string[] = []): Promise<WorkerProcess> {
      const child = spawn(process.execPath, [...node, program, JSON.stringify({ ...shared, cwd: site.at('.'), concurrency: 1, ...options })], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
      const lines: string[] = []
      child.on('message', line => { lines.push(String(line)) })
      const ended = once(child, 'exit')
      const kill = async () => {
        child.kill('SIGKILL')
        await ended
      }
      t.teardown(kill)
      await Promise.race([ended, until(() => lines.some(line => line.startsWith('builds up to')), 'a worker serves')])
      return { child, ended, lines, kill }
    }
  }
}

/** What one machine makes of it, by a builder of its own. */
export async function localOutput ({ site, go }: ReturnType<typeof distributedSite>): Promise<Record<string, string>> {
  go()
  await site.build(site.builder({ outDir: site.at('here'), partition: by.section, globals: () => ({ server: process.pid }) }))
  return site.output('here')
}

export { contextOf, type SmallSite }
