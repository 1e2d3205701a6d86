// One wave of shards: orders go out, results come from the store, and what cannot be had from workers is built here.
import { randomUUID } from 'node:crypto'
import type { BuildContext } from '../../../../types/build.js'
import type { Shard, ShardJob, ShardOutcome, ShardRunner } from '../../../../types/shards.js'
import { printable } from '../../../shared/text.js'
import { failure } from '../../shards/plan/pages.js'
import { Outcomes } from '../../shards/run/outcomes.js'
import { failedResult } from '../../shards/run/result.js'
import type { DistributedSettings } from '../options.js'
import type { Artifacts, ReadEnd } from '../wire/artifacts.js'
import { moveDiagnostic } from '../wire/portable.js'
import type { Seal } from '../wire/seal.js'
import type { Line, Listener } from './line.js'
import { Here } from './here.js'
import { makeOrders } from './orders.js'

export interface RemoteBuildOptions {
  readonly shards: readonly Shard[]
  readonly job: ShardJob
  readonly context: BuildContext
  readonly settings: DistributedSettings
  readonly seal: Seal
  readonly artifacts: Artifacts
  readonly local: ShardRunner
  readonly open: () => Promise<Line>
}

const POLL_MS = 500
/** What BullMQ says of a job whose workers have ended each time. */
const POISON = /stalled more than/

export class RemoteBuild implements Listener {
  readonly #options: RemoteBuildOptions
  readonly #id = randomUUID()
  readonly #start = performance.now()
  readonly #outcomes = new Outcomes<ShardOutcome>()
  /** By the id of their job: sent, and without an outcome. */
  readonly #sent = new Map<string, Shard>()
  /** Looked for in vain once. */
  readonly #missing = new Set<string>()
  readonly #here: Here
  #line: Line | undefined
  #left: number
  #lastSign = performance.now()
  #lastActive = performance.now()
  #poll: NodeJS.Timeout | undefined
  #stopListening = (): void => {}
  #isOver = false

  constructor (options: RemoteBuildOptions) {
    this.#options = options
    this.#left = options.shards.length
    this.#here = new Here(options, outcome => this.#done(outcome, 'local'), error => { if (!this.#isOver) this.#outcomes.fail(error) })
  }

  async * run (): AsyncGenerator<ShardOutcome> {
    const { context: { signal } } = this.#options
    const abort = () => this.#outcomes.fail(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    this.#distribute().catch(error => this.#outcomes.fail(error))
    try {
      yield * this.#outcomes
    } finally {
      signal.removeEventListener('abort', abort)
      this.#isOver = true
      clearTimeout(this.#poll)
      this.#stopListening()
      await this.#here.stop()
    }
  }

  /** After the build: workers hear that nobody waits for it. */
  async tidy (): Promise<void> {
    if (this.#line === undefined) return
    const { seal, artifacts } = this.#options
    // A job that somebody sends again later is refused.
    await artifacts.putOver(this.#id).catch(() => {})
    if (this.#sent.size === 0 || this.#line.isLost) return
    await this.#line.cancel(this.#sent.keys(), { build: this.#id, signature: seal.sign('cancel', this.#id) }).catch(() => {})
  }

  async #distribute (): Promise<void> {
    const { artifacts, shards, open } = this.#options
    const missing: Shard[] = []
    for (const shard of shards) {
      const end = await artifacts.getResult(shard.key).catch(() => undefined)
      if (this.#isOver) return
      if (end === undefined) missing.push(shard)
      else this.#done(this.#toOutcome(shard, end), 'store')
    }
    if (missing.length === 0) return
    const opening = open()
    opening.catch(() => {})
    const { orders, refused } = await makeOrders(this.#id, missing, this.#options)
    for (const [shard, reason] of refused) this.#build([shard], reason)
    if (orders.size === 0 || this.#isOver) return
    for (const [id, { shard }] of orders) this.#sent.set(id, shard)
    try {
      this.#line = await opening
      if (this.#isOver) return
      this.#stopListening = this.#line.listen(this)
      await this.#line.send(new Map([...orders].map(([id, { order }]) => [id, order])))
    } catch (error) {
      this.lost((error as Error).message)
      return
    }
    this.#lastActive = this.#lastSign = performance.now()
    this.#look()
  }

  ended (id: string): void {
    this.#take(id).catch(() => this.#giveUp([id], 'its result cannot be read'))
  }

  failed (id: string): void {
    // A line that does not answer has told of it.
    if (this.#sent.has(id)) this.#askWhy(id).catch(() => {})
  }

  stalled (id: string): void {
    const shard = this.#sent.get(id)
    if (shard !== undefined) this.#options.context.log(`the worker that built the shard ${shard.id} is gone: another one gets it`)
  }

  progress (id: string, data: unknown): void {
    const shard = this.#sent.get(id)
    if (shard === undefined) return
    this.#lastActive = this.#lastSign = performance.now()
    const { done, total } = Object(data) as { done?: unknown, total?: unknown }
    if (Number.isInteger(done) && Number.isInteger(total)) this.#options.context.progress({ label: 'pages', done: done as number, total: total as number, shard: shard.id })
  }

  lost (reason: string): void {
    this.#giveUp([...this.#sent.keys()], `${this.#options.settings.backend === 'redis' ? 'Redis' : 'PostgreSQL'} is away: ${reason}`)
  }

  /** Events may be lost: now and then the queue is asked, and the store is looked at. */
  #look (): void {
    if (this.#isOver || this.#sent.size === 0) return
    this.#poll = setTimeout(() => { this.#lookOnce().catch(() => {}).finally(() => this.#look()) }, POLL_MS)
  }

  async #lookOnce (): Promise<void> {
    const { settings: { beginTimeout, progressTimeout } } = this.#options
    const { active, waiting } = await (this.#line as Line).standing()
    const now = performance.now()
    const sent = [...this.#sent.keys()]
    if (sent.some(id => active.has(id))) this.#lastActive = now
    const lost: string[] = []
    for (const id of sent.filter(id => !active.has(id) && !waiting.has(id))) {
      // A store that cannot be read now must not keep the time limits from being looked at.
      if (await this.#take(id).catch(() => false) || await this.#askWhy(id)) continue
      if (this.#missing.has(id)) lost.push(id)
      this.#missing.add(id)
    }
    this.#giveUp(lost, 'the queue has lost them')
    if (now - this.#lastActive > beginTimeout) this.#giveUp([...this.#sent.keys()], `no worker has begun within ${beginTimeout} ms`)
    if (now - this.#lastSign > progressTimeout) this.#giveUp([...this.#sent.keys()], `nothing was heard of it for ${progressTimeout} ms`)
  }

  /** Its result, or its failure, when one is there. */
  async #take (id: string): Promise<boolean> {
    const shard = this.#sent.get(id)
    if (shard === undefined) return true
    const { artifacts } = this.#options
    const end = await artifacts.getResult(shard.key) ?? await artifacts.getFailure(this.#id, shard.id)
    // Another event may have been quicker.
    if (end !== undefined && this.#sent.delete(id)) this.#done(this.#toOutcome(shard, end), 'worker')
    return end !== undefined
  }

  /** Whether a job has failed is said by its own record, not by an event. */
  async #askWhy (id: string): Promise<boolean> {
    const reason = await (this.#line as Line).failure(id)
    if (reason === undefined) return false
    const shard = this.#sent.get(id)
    if (shard === undefined || await this.#take(id).catch(() => false)) return true
    if (POISON.test(reason)) this.#poisoned(id, shard)
    else this.#giveUp([id], printable(reason, 200))
    return true
  }

  #poisoned (id: string, shard: Shard): void {
    if (!this.#sent.delete(id)) return
    const result = failedResult(shard.id, failure('each worker that built it has ended in the middle of it; the logs of the workers say why'))
    this.#done({ shard, result, files: [], contents: async () => new Uint8Array(), ms: 0, peakMemory: 0 }, 'worker')
  }

  #giveUp (ids: readonly string[], reason: string): void {
    const shards = ids.flatMap(id => this.#sent.get(id) ?? [])
    for (const id of ids) this.#sent.delete(id)
    this.#build(shards, reason)
  }

  #build (shards: readonly Shard[], reason: string): void {
    if (!this.#isOver) this.#here.add(shards, reason)
  }

  #toOutcome (shard: Shard, { result, files, contents, ms, peakMemory, logs, cwd }: ReadEnd): ShardOutcome {
    const { job: { request }, context } = this.#options
    for (const line of logs) context.log(line)
    const errors = result.errors.map(one => ({ ...moveDiagnostic(one, cwd, request.cwd), shard: shard.id }))
    return { shard, result: { ...result, errors }, files, contents, ms, peakMemory }
  }

  #done (outcome: ShardOutcome, where: 'worker' | 'local' | 'store'): void {
    if (this.#isOver) return
    this.#lastActive = this.#lastSign = performance.now()
    if (where !== 'store') this.#options.settings.onShard({ shard: outcome.shard.id, where, totalMs: performance.now() - this.#start, ms: outcome.ms })
    this.#outcomes.add(outcome)
    if (--this.#left === 0) this.#outcomes.end()
  }
}
