// A worker: builds shards for servers on other machines, in processes of its own.
import type * as BullMQ from 'bullmq'
import type { Job, QueueEvents, Worker } from 'bullmq'
import { Broker } from '../broker/broker.js'
import { loadPackages } from '../broker/packages.js'
import { within } from '../broker/within.js'
import { workersFor } from '../../shards/run/executors.js'
import { printable } from '../../../shared/text.js'
import { parseServe, type ServeOptions, type ServeSettings } from '../options.js'
import { Artifacts } from '../wire/artifacts.js'
import { readOrder, type Order } from '../wire/order.js'
import { PromptStore } from '../wire/prompt-store.js'
import { Seal } from '../wire/seal.js'
import { ShardBuilder, Unfit } from './shard-builder.js'

/** What `serveShards()` gives. */
export interface ShardServer {
  /** Shards that run are given back, for another worker to build. Within two seconds. */
  close (): Promise<void>
}

const CONNECT_TIMEOUT_MS = 10_000
const CLOSE_TIMEOUT_MS = 1_500
/** Large files over a slow network take their time. */
const STORE_TIMEOUT_MS = 30_000
/** Between two looks for a broker that is away. */
const RETRY_MS = 1_000
/** Builds whose cancel was heard, perhaps before their orders. */
const MAX_CANCELLED = 1_000

/**
 * Builds shards that `distributed()` sends, until it is closed. A broker that is away is waited for.
 * @throws FST_LIVE_RELOAD_INVALID_OPTION, FST_LIVE_RELOAD_UNKNOWN_OPTION, FST_LIVE_RELOAD_NO_QUEUE
 */
export async function serveShards (options: ServeOptions): Promise<ShardServer> {
  const server = new Server(parseServe(options))
  await server.start()
  return { close: () => server.close() }
}

class Server {
  readonly #settings: ServeSettings
  readonly #seal: Seal
  readonly #artifacts: Artifacts
  readonly #builder: ShardBuilder
  readonly #closing = new AbortController()
  readonly #cancelled = new Set<string>()
  readonly #running = new Map<AbortController, Order>()
  #broker: Broker | undefined
  #worker: Worker | undefined
  #opening: Promise<void> = Promise.resolve()
  #lastLine = ''

  constructor (settings: ServeSettings) {
    this.#settings = settings
    this.#seal = new Seal(settings.secret, settings.project)
    this.#artifacts = new Artifacts(new PromptStore(settings.store, STORE_TIMEOUT_MS), this.#seal)
    this.#builder = new ShardBuilder({ ...settings, concurrency: this.#concurrency }, this.#artifacts)
  }

  /** Resolves when it serves, or when it waits for a broker that is away. */
  async start (): Promise<void> {
    const { bullmq } = await loadPackages(this.#settings.backend)
    const isOpen = await this.#open(bullmq)
    if (!isOpen) this.#opening = this.#openLater(bullmq)
  }

  async close (): Promise<void> {
    if (this.#closing.signal.aborted) return
    this.#closing.abort(new Error('the worker is closing'))
    for (const stop of this.#running.keys()) stop.abort(this.#closing.signal.reason)
    await within(CLOSE_TIMEOUT_MS, 'too long', Promise.all([this.#opening, this.#worker?.close()])).catch(() => {})
    await Promise.all([this.#broker?.close(), this.#builder.close()])
  }

  get #concurrency (): number {
    const { concurrency, executor } = this.#settings
    return concurrency ?? executor?.size ?? workersFor()
  }

  async #openLater (bullmq: typeof BullMQ): Promise<void> {
    while (!this.#closing.signal.aborted) {
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, RETRY_MS)
        this.#closing.signal.addEventListener('abort', () => { clearTimeout(timer); resolve() }, { once: true })
      })
      if (!this.#closing.signal.aborted && await this.#open(bullmq)) return
    }
  }

  async #open (bullmq: typeof BullMQ): Promise<boolean> {
    const broker = await Broker.create(this.#settings, { connectTimeout: CONNECT_TIMEOUT_MS, reconnects: true })
    try {
      for (const warning of await broker.check()) this.#log(warning)
    } catch (error) {
      this.#log(`the broker is away, so this worker waits: ${broker.explain(error)}`)
      await broker.close()
      return false
    }
    broker.onError = line => this.#log(`the connection: ${line}`)
    this.#broker = broker
    this.#listen(broker.events())
    const worker = broker.worker((job, token) => this.#process(bullmq, job, token as string), this.#concurrency)
    this.#worker = worker
    await worker.waitUntilReady()
    worker.run().catch(error => this.#log(`the worker has ended: ${broker.explain(error)}`))
    this.#log(`builds up to ${this.#concurrency} ${this.#concurrency === 1 ? 'shard' : 'shards'} at once of the project ${this.#settings.project}`)
    return true
  }

  #listen (events: QueueEvents): void {
    const onCancel = ({ build, signature }: Record<string, unknown>): void => {
      if (typeof build !== 'string' || !this.#seal.isSigned('cancel', build, signature)) return
      this.#cancelled.add(build)
      for (const first of this.#cancelled) {
        if (this.#cancelled.size <= MAX_CANCELLED) break
        this.#cancelled.delete(first)
      }
      for (const [stop, order] of this.#running) if (order.build === build) stop.abort(new Error('the build was cancelled'))
    }
    events.on('cancel' as never, onCancel as never)
  }

  /** Nothing of what it throws may say more than the broker may know. */
  async #process (bullmq: typeof BullMQ, job: Job, token: string): Promise<void> {
    const order = readOrder(this.#seal, job.data)
    if (typeof order === 'string') {
      this.#log(`refuses a job: ${order}`)
      throw new bullmq.UnrecoverableError(`a worker refuses it: ${order}`)
    }
    const stop = new AbortController()
    this.#running.set(stop, order)
    try {
      if (this.#cancelled.has(order.build) || await this.#artifacts.isOver(order.build)) throw new Unfit('its build has ended')
      const isLast = job.attemptsMade + 1 >= (job.opts.attempts ?? 1)
      await this.#builder.build(order, { signal: stop.signal, isLast, progress: ({ done, total }) => { job.updateProgress({ done, total }).catch(() => {}) } })
    } catch (error) {
      if (this.#closing.signal.aborted) {
        await job.moveToWait(token)
        throw new bullmq.WaitingError()
      }
      if (stop.signal.aborted) throw new bullmq.UnrecoverableError('its build has ended')
      const reason = printable((error as Error).message, 200)
      this.#log(`the shard ${printable(order.shard, 100)} is not built: ${reason}`)
      if (error instanceof Unfit) throw new bullmq.UnrecoverableError(`a worker refuses it: ${reason}`)
      throw new Error('the worker could not build it; its log says why')
    } finally {
      this.#running.delete(stop)
    }
  }

  /** What is said again and again, as while a broker is away, is said once. */
  #log (line: string): void {
    if (line !== this.#lastLine) this.#settings.log(line)
    this.#lastLine = line
  }
}
