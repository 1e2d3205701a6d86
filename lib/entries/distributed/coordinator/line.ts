// The coordinator's end of the queue: sends orders, hears how they go, and asks when it hears nothing.
import type { Queue, QueueEvents, QueueEventsProducer, Worker } from 'bullmq'
import { Broker } from '../broker/broker.js'
import { within } from '../broker/within.js'
import type { DistributedSettings } from '../options.js'
import type { SignedOrder } from '../wire/order.js'

/** Hears of the orders of one build, by the id of their jobs. What it hears is not to be trusted: anybody with the broker's password may say it. */
export interface Listener {
  /** A worker has ended it. */
  ended (id: string): void
  /** No worker will end it: `failure()` knows why. */
  failed (id: string): void
  /** Its worker is gone. */
  stalled (id: string): void
  progress (id: string, data: unknown): void
  /** There is no broker any more. */
  lost (reason: string): void
}

export interface Standing {
  /** Jobs that a worker has, or that wait for another try. */
  readonly active: ReadonlySet<string>
  readonly waiting: ReadonlySet<string>
}

const ATTEMPTS = 3
const BACKOFF_MS = 500
/** Jobs that failed stay until the coordinator has read why. What is left by one that ended in the meantime goes later. */
const KEEP_FAILED = { age: 600, count: 1_000 }

export class Line {
  readonly #settings: DistributedSettings
  readonly #broker: Broker
  readonly #queue: Queue
  readonly #events: QueueEvents
  readonly #producer: QueueEventsProducer
  readonly #watch: Worker
  readonly #listeners = new Set<Listener>()
  #lost: string | undefined
  #lastError = ''

  private constructor (settings: DistributedSettings, broker: Broker) {
    this.#settings = settings
    this.#broker = broker
    broker.onError = line => { this.#lastError = line }
    broker.onLost = () => this.lose(this.#lastError === '' ? 'the connection was closed' : this.#lastError)
    this.#queue = broker.queue()
    this.#events = broker.events()
    this.#producer = broker.producer()
    this.#watch = broker.worker(null)
    this.#events.on('completed', ({ jobId }) => this.#tell(listener => listener.ended(jobId)))
    this.#events.on('failed', ({ jobId }) => this.#tell(listener => listener.failed(jobId)))
    this.#events.on('stalled', ({ jobId }) => this.#tell(listener => listener.stalled(jobId)))
    this.#events.on('progress', ({ jobId, data }) => this.#tell(listener => listener.progress(jobId, data)))
  }

  /** @throws Error that says why there is none, in one line without passwords */
  static async open (settings: DistributedSettings, log: (text: string) => void): Promise<Line> {
    const broker = await Broker.create(settings, { connectTimeout: settings.connectTimeout, reconnects: false })
    try {
      for (const warning of await broker.check()) log(warning)
      const line = new Line(settings, broker)
      await within(settings.connectTimeout, `no answer within ${settings.connectTimeout} ms`, line.#start())
      return line
    } catch (error) {
      broker.close()
      throw new Error(broker.explain(error))
    }
  }

  get isLost (): boolean { return this.#lost !== undefined }

  listen (listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async send (orders: ReadonlyMap<string, SignedOrder>): Promise<void> {
    const jobs = [...orders].map(([jobId, data]) => ({
      name: 'shard',
      data,
      opts: { jobId, attempts: ATTEMPTS, backoff: { type: 'exponential', delay: BACKOFF_MS }, removeOnComplete: true, removeOnFail: KEEP_FAILED, stackTraceLimit: 0, keepLogs: 0 }
    }))
    await this.#ask(this.#queue.addBulk(jobs))
  }

  /** Jobs that are still there. */
  async standing (): Promise<Standing> {
    // In the order in which a job goes: one that moves meanwhile is seen twice rather than not at all.
    const waiting = await this.#ask(this.#queue.getJobs(['waiting', 'prioritized']))
    const active = await this.#ask(this.#queue.getJobs(['delayed', 'active']))
    const ids = (jobs: readonly ({ readonly id?: string | undefined } | undefined)[]) => new Set(jobs.flatMap(job => job?.id ?? []))
    return { active: ids(active), waiting: ids(waiting) }
  }

  /** Why a job has failed, by its own record, which is then removed; undefined when it has not. */
  async failure (id: string): Promise<string | undefined> {
    const job = await this.#ask(this.#queue.getJob(id))
    if (job === undefined || !await this.#ask(job.isFailed())) return undefined
    await this.#ask(job.remove().catch(() => {}))
    return String(job.failedReason)
  }

  /** Takes back what waits, and tells workers to stop what runs. */
  async cancel (ids: Iterable<string>, event: Readonly<Record<string, string>>): Promise<void> {
    await this.#ask(this.#producer.publishEvent({ eventName: 'cancel', ...event }))
    // One that a worker has stays; the worker ends it.
    await Promise.allSettled([...ids].map(id => this.#ask(this.#queue.remove(id))))
  }

  /** The next build opens another. */
  lose (reason: string): void {
    if (this.#lost !== undefined) return
    this.#lost = reason
    this.#tell(listener => listener.lost(reason))
    this.#broker.close()
  }

  async close (): Promise<void> {
    this.#lost ??= 'closed'
    await this.#broker.close()
  }

  async #start (): Promise<void> {
    await Promise.all([this.#queue.waitUntilReady(), this.#events.waitUntilReady(), this.#producer.waitUntilReady(), this.#watch.waitUntilReady()])
    // Workers look for jobs of others that are gone. Here is a look for the case that all of them are.
    await this.#watch.startStalledCheckTimer()
  }

  /** @throws Error after the connection was given up */
  async #ask<T> (work: Promise<T>): Promise<T> {
    try {
      return await within(this.#settings.answerTimeout, `no answer within ${this.#settings.answerTimeout} ms`, work)
    } catch (error) {
      this.lose(this.#broker.explain(error))
      throw error
    }
  }

  #tell (say: (listener: Listener) => void): void {
    for (const listener of [...this.#listeners]) say(listener)
  }
}
