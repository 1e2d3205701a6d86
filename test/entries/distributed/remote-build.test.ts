// The coordinator's end of a build, over a queue that says whatever the test wants it to say.
import { test } from 'tap'
import type { Shard, ShardCache, ShardJob, ShardOutcome, ShardRunner } from '../../../types/shards.js'
import type { Line, Listener, Standing } from '../../../lib/entries/distributed/coordinator/line.js'
import { RemoteBuild } from '../../../lib/entries/distributed/coordinator/remote-build.js'
import { parseDistributed, type DistributedOptions } from '../../../lib/entries/distributed/options.js'
import { Artifacts } from '../../../lib/entries/distributed/wire/artifacts.js'
import type { SignedOrder } from '../../../lib/entries/distributed/wire/order.js'
import { PromptStore } from '../../../lib/entries/distributed/wire/prompt-store.js'
import { Seal } from '../../../lib/entries/distributed/wire/seal.js'
import { emptyResult } from '../../../lib/entries/shards/run/result.js'
import { contextOf } from '../../builds/builders/conformance.js'
import { folder } from '../../support/folder.js'
import { until } from '../../support/wait.js'
import { SECRET } from './site.js'

type Test = Parameters<typeof folder>[0]
const CONNECTION = 'redis://127.0.0.1:1'

/** A store in memory. While it hangs nothing is answered, and while it fails nothing can be read. */
class Store implements ShardCache {
  readonly entries = new Map<string, unknown>()
  hangs = false
  fails = false
  gets = 0

  async get (key: string): Promise<unknown> {
    this.gets++
    if (this.fails) throw new Error('EIO: i/o error')
    if (this.hangs) await new Promise(() => {})
    return this.entries.get(key)
  }

  async put (key: string, value: unknown): Promise<void> {
    if (this.hangs) await new Promise(() => {})
    this.entries.set(key, value)
  }
}

/** A queue: what it has, and why its jobs have failed. */
class Queue {
  readonly sent = new Map<string, SignedOrder>()
  readonly failures = new Map<string, string>()
  standingIs: (ids: ReadonlySet<string>) => Standing = ids => ({ active: ids, waiting: new Set() })
  looks = 0
  listener: Listener | undefined
  isLost = false
  cancelled: readonly string[] = []

  listen (listener: Listener): () => void {
    this.listener = listener
    return () => { this.listener = undefined }
  }

  async send (orders: ReadonlyMap<string, SignedOrder>): Promise<void> {
    for (const [id, order] of orders) this.sent.set(id, order)
  }

  async standing (): Promise<Standing> {
    this.looks++
    return this.standingIs(new Set(this.sent.keys()))
  }

  async failure (id: string): Promise<string | undefined> { return this.failures.get(id) }
  async cancel (ids: Iterable<string>): Promise<void> { this.cancelled = [...ids] }
}

function start (t: Test, names: readonly string[], options: Partial<DistributedOptions> = {}) {
  const { path: cwd } = folder(t, { 'shard.mjs': 'export default () => ({})' })
  const store = new Store()
  const queue = new Queue()
  const settings = parseDistributed({ connection: CONNECTION, store, secret: SECRET, storeTimeout: 100, ...options })
  const seal = new Seal(SECRET, 'default')
  const artifacts = new Artifacts(new PromptStore(store, settings.storeTimeout), seal)
  const shards: Shard[] = names.map((id, i) => ({ id, pages: [], key: String(i).repeat(64), estimatedMs: 1 }))
  const context = contextOf()
  const here: string[] = []
  const local: ShardRunner = {
    name: 'local',
    async * run (given) {
      for (const shard of given) {
        here.push(shard.id)
        yield { shard, result: emptyResult(), files: [], contents: async () => new Uint8Array(), ms: 1, peakMemory: 1 }
      }
    }
  }
  const job = { file: `${cwd}/shard.mjs`, request: { id: 'b', reason: 'manual', cwd, changed: [], incremental: false }, globals: {} } as ShardJob
  const build = new RemoteBuild({ shards, job, context, settings, seal, artifacts, local, open: async () => queue as unknown as Line })
  const outcomes: ShardOutcome[] = []
  const run = async () => {
    for await (const outcome of build.run()) outcomes.push(outcome)
    return outcomes
  }
  return {
    build,
    store,
    queue,
    context,
    here,
    outcomes,
    run,
    /** The job of a shard, once it was sent. */
    jobOf: (shard: string) => until(() => [...queue.sent].find(([, order]) => order.shard === shard)?.[0], `${shard} is sent`),
    /** As a worker puts it. */
    finish: (shard: string) => new Artifacts(store, seal).putResult(shards.find(({ id }) => id === shard)?.key as string, { result: emptyResult(), files: [], ms: 5, peakMemory: 5, logs: [], cwd }, Buffer.from(shard))
  }
}

test('a job that an event calls failed, and whose record does not, is waited for', async t => {
  const { run, queue, jobOf, finish, here, context } = start(t, ['a'])
  const end = run()
  const job = await jobOf('a')
  queue.listener?.failed(job)
  queue.listener?.failed('of another build')
  await until(() => queue.looks > 0, 'the queue is asked')
  await finish('a')
  queue.listener?.ended(job)
  const [outcome] = await end
  t.match(outcome, { shard: { id: 'a' }, result: { errors: [] } })
  t.strictSame(await outcome?.contents(), Buffer.from('a'))
  t.strictSame([here, context.lines], [[], []])
})

test('a job whose record says that workers have ended fails its shard, unless the store has its result', async t => {
  const { run, queue, jobOf, finish, here } = start(t, ['a', 'b', 'c'])
  const end = run()
  for (const shard of ['a', 'b']) queue.failures.set(await jobOf(shard), 'job stalled more than allowable limit')
  queue.failures.set(await jobOf('c'), 'a worker refuses it: other sources')
  await finish('b')
  for (const id of queue.sent.keys()) queue.listener?.failed(id)
  const outcomes = await end
  t.strictSame(outcomes.map(({ shard, result }) => [shard.id, result.errors.length]).sort(), [['a', 1], ['b', 0], ['c', 0]])
  t.strictSame(here, ['c'])
})

test('a failure whose event was lost is found by looking', async t => {
  const { run, queue, jobOf, context } = start(t, ['a'])
  queue.standingIs = () => ({ active: new Set(), waiting: new Set() })
  const end = run()
  queue.failures.set(await jobOf('a'), 'a worker refuses it: other sources')
  await end
  t.match(context.lines, ['the shard a is built on this machine: a worker refuses it: other sources'])
})

test('a store that hangs, or that fails, holds up no time limit', async t => {
  const hanging = start(t, ['a', 'b', 'c', 'd'])
  hanging.store.hangs = true
  await hanging.run()
  t.strictSame(hanging.here, ['a', 'b', 'c', 'd'])
  t.match(hanging.context.lines, [/^4 shards are built on this machine: its task cannot be stored: the store has not answered within 100 ms$/])
  t.equal(hanging.store.gets, 1, 'it is not asked again before it has answered')
  for (const trouble of ['hangs', 'fails'] as const) {
    const later = start(t, ['a', 'b'], { beginTimeout: 700 })
    // One is gone from the queue, so the store is asked for it; the other waits for a worker.
    later.queue.standingIs = ids => ({ active: new Set(), waiting: new Set([...ids].slice(1)) })
    const end = later.run()
    await later.jobOf('a')
    later.store[trouble] = true
    await end
    t.strictSame(later.here.sort(), ['a', 'b'], trouble)
    await later.build.tidy()
  }
})

test('a result that cannot be read when a worker has ended it is built here', async t => {
  const { run, queue, jobOf, store, context } = start(t, ['a'])
  const end = run()
  const job = await jobOf('a')
  store.fails = true
  queue.listener?.ended(job)
  await end
  t.match(context.lines, ['the shard a is built on this machine: its result cannot be read'])
})

test('events of shards that are done, and of others, change nothing', async t => {
  const { run, queue, jobOf, finish, context } = start(t, ['a', 'b'])
  const end = run()
  const [a, b] = [await jobOf('a'), await jobOf('b')]
  await finish('a')
  queue.listener?.ended(a)
  queue.listener?.ended(a)
  await finish('b')
  for (const id of ['of another build', a]) {
    queue.listener?.ended(id)
    queue.listener?.stalled(id)
    queue.listener?.progress(id, { done: 1, total: 2 })
  }
  queue.listener?.progress(b, null)
  queue.listener?.progress(b, { done: 'x', total: 2 })
  queue.listener?.stalled(b)
  queue.listener?.ended(b)
  t.equal((await end).length, 2)
  t.match(context.lines.at(-1), /the worker that built the shard b is gone/)
})

test('what waits is taken back when nobody wants it, and a line that is lost is not asked', async t => {
  const { run, queue, jobOf, build, store } = start(t, ['a'], { beginTimeout: 600 })
  queue.standingIs = ids => ({ active: new Set(), waiting: ids })
  const end = run()
  const job = await jobOf('a')
  await end
  await build.tidy()
  t.strictSame(queue.cancelled, [], 'given up, so it is not waited for')
  t.ok(store.entries.size > 0)
  t.ok(job)
  const unsent = start(t, ['a'])
  await unsent.build.tidy()
  t.equal(unsent.store.entries.size, 0)
})
