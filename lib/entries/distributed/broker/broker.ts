// A connection to Redis or PostgreSQL, and the ends of the queue that are opened over it.
import type { ConnectionOptions, Processor, Queue, QueueEvents, QueueEventsProducer, Worker } from 'bullmq'
import type { Redis } from 'ioredis'
import type { BrokerSettings } from '../options.js'
import { explainWith } from './hide.js'
import { loadPackages, type Packages } from './packages.js'
import { warnOfConnection, warnOfEviction } from './warnings.js'
import { within } from './within.js'

/** PostgreSQL schema of all queues of this library. */
const SCHEMA = 'live_reload'
const MAX_EVENTS = 1_000
/** An end that waits for an answer that does not come is cut off. */
const CLOSE_TIMEOUT_MS = 1_000
const RECONNECT_MS = 500

export interface BrokerTimes {
  readonly connectTimeout: number
  /** Whether a connection that is lost is opened again. */
  readonly reconnects: boolean
}

interface End { close (): Promise<void>, on (event: 'error', listener: (error: Error) => void): unknown }

export class Broker {
  readonly #packages: Packages
  readonly #settings: BrokerSettings
  readonly #times: BrokerTimes
  readonly #explain: (error: unknown) => string
  readonly #clients = new Set<Redis>()
  readonly #ends = new Set<End>()
  #client: Redis | undefined
  #lastError: unknown
  #closing: Promise<void> | undefined
  /** Called once, when a connection is lost and not opened again. */
  onLost: () => void = () => {}
  /** Called for each error of a connection. */
  onError: (line: string) => void = () => {}

  private constructor (packages: Packages, settings: BrokerSettings, times: BrokerTimes) {
    this.#packages = packages
    this.#settings = settings
    this.#times = times
    this.#explain = explainWith(settings)
  }

  /** Does not wait for the server. @throws FST_LIVE_RELOAD_NO_QUEUE */
  static async create (settings: BrokerSettings, times: BrokerTimes): Promise<Broker> {
    const broker = new Broker(await loadPackages(settings.backend), settings, times)
    broker.#client = broker.#connectRedis()
    return broker
  }

  /** Warnings about the server. @throws Error with what is wrong, when it cannot be reached in time */
  async check (): Promise<string[]> {
    const late = `no answer within ${this.#times.connectTimeout} ms`
    try {
      const info = await within(this.#times.connectTimeout, late, this.#hello())
      return [warnOfConnection(this.#settings), warnOfEviction(info)].filter(line => line !== undefined)
    } catch (error) {
      const isLate = (error as Error).message === late
      throw new Error(this.#explain(isLate && this.#lastError === undefined ? error : this.#lastError ?? error))
    }
  }

  explain (error: unknown): string {
    return this.#explain(error)
  }

  queue (): Queue {
    return this.#own(new this.#packages.bullmq.Queue(this.#name, { ...this.#options(), streams: { events: { maxLen: MAX_EVENTS } } }, this.#factory))
  }

  events (): QueueEvents {
    return this.#own(new this.#packages.bullmq.QueueEvents(this.#name, { ...this.#options(), blockingTimeout: 5_000 }, this.#factory))
  }

  producer (): QueueEventsProducer {
    return this.#own(new this.#packages.bullmq.QueueEventsProducer(this.#name, this.#options(), this.#factory))
  }

  /** Without a processor it only looks for jobs whose worker is gone. */
  worker (processor: Processor | null, concurrency = 1): Worker {
    const { lockDuration, stalledInterval } = this.#settings
    return this.#own(new this.#packages.bullmq.Worker(this.#name, processor, {
      ...this.#options(),
      autorun: false,
      concurrency,
      lockDuration,
      stalledInterval,
      maxStalledCount: 2,
      runRetryDelay: 1_000,
      removeOnComplete: { count: 0 },
      removeOnFail: { count: 0 }
    }, this.#factory))
  }

  /** In bounded time, whatever the server does. */
  close (): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  get #name (): string { return `shards-${this.#settings.project}` }

  get #factory () { return this.#settings.backend === 'postgres' ? this.#packages.bullmq.createPostgresBackend as never : undefined }

  #options (): { connection: ConnectionOptions, prefix: string, skipVersionCheck: boolean } {
    // It prints what it finds on the console; check() logs it.
    return { connection: this.#client as ConnectionOptions ?? this.#poolOptions(), prefix: `live-reload:${this.#settings.project}`, skipVersionCheck: true }
  }

  #poolOptions (): ConnectionOptions {
    const { connection } = this.#settings
    const options = typeof connection === 'string' ? { connectionString: connection } : connection
    return { schema: SCHEMA, migrate: true, max: 4, connectionTimeoutMillis: this.#times.connectTimeout, keepAlive: true, ...options } as ConnectionOptions
  }

  #connectRedis (): Redis | undefined {
    const { Redis } = this.#packages
    if (Redis === undefined) return undefined
    const { connection } = this.#settings
    const { reconnects, connectTimeout } = this.#times
    const options = {
      ...typeof connection === 'object' && connection,
      lazyConnect: true,
      connectTimeout,
      maxRetriesPerRequest: null,
      retryStrategy: () => reconnects ? RECONNECT_MS : null
    } as const
    return this.#follow(typeof connection === 'string' ? new Redis(connection, options) : new Redis(options))
  }

  /** Those that the queue opens for itself as well. */
  #follow (client: Redis): Redis {
    const duplicate = client.duplicate.bind(client)
    client.duplicate = override => this.#follow(duplicate(override))
    client.on('error', error => {
      this.#lastError = error
      if (this.#closing === undefined) this.onError(this.#explain(error))
    })
    client.on('end', () => { if (this.#closing === undefined) this.onLost() })
    this.#clients.add(client)
    return client
  }

  async #hello (): Promise<string> {
    if (this.#client === undefined) {
      await this.queue().waitUntilReady()
      return ''
    }
    if (this.#client.status === 'wait') await this.#client.connect()
    return await this.#client.info('memory')
  }

  #own<T extends End> (end: T): T {
    end.on('error', error => {
      this.#lastError = error
      if (this.#closing === undefined) this.onError(this.#explain(error))
    })
    this.#ends.add(end)
    return end
  }

  async #close (): Promise<void> {
    const closing = Promise.allSettled([...this.#ends].map(end => end.close()))
    await within(CLOSE_TIMEOUT_MS, 'closing takes too long', closing).catch(() => {})
    for (const client of this.#clients) client.disconnect()
  }
}
