// Warm children: one for each task at once and one to spare, so that a build that has to be killed is replaced at once.
import type { Diagnostic } from '../../../types/build.js'
import { dismissReaper } from '../processes/reaper-client.js'
import type { Executor, Task, TaskOptions } from './executor.js'
import { closed, isTaskError, taskError, unavailable } from './failure.js'
import type { Member, MemberOwner } from './member.js'
import { Sources, locateSyntaxError, type Stamps } from './sources/sources.js'

export interface PoolOptions {
  readonly kind: 'process' | 'thread'
  /** @throws the system's error. */
  readonly start: (owner: MemberOwner) => Member
  readonly log?: (text: string) => void
  /** Tasks at once that children are kept for. More may run. @default 1 */
  readonly size?: number
  /** A child that holds more memory after a task is replaced. @default 1 GiB */
  readonly maxRssBytes?: number
}

/** The spare starts a moment after the first task, so that they do not share the processor. */
const SPARE_DELAY_MS = 150

export class Pool implements Executor, MemberOwner {
  readonly kind: 'process' | 'thread'
  readonly size: number
  readonly #start: PoolOptions['start']
  readonly #log: (text: string) => void
  readonly #maxRssBytes: number
  readonly #members = new Set<Member>()
  readonly #endings = new Set<Promise<void>>()
  readonly #sources = new Sources()
  #newest: { readonly file: string, readonly stamps: Stamps } | undefined
  #spareTimer: NodeJS.Timeout | undefined
  #closing: Promise<unknown> | undefined

  constructor ({ kind, start, log = () => {}, size = 1, maxRssBytes = 1024 ** 3 }: PoolOptions) {
    this.kind = kind
    this.#start = start
    this.#log = log
    this.#maxRssBytes = maxRssBytes
    this.size = size
  }

  async run (task: Task, options: TaskOptions = {}): Promise<unknown> {
    try {
      return await this.#attempt(task, options, false).catch(error => {
        if (isTaskError(error) && 'retryable' in error) return this.#attempt(task, options, true)
        throw error
      })
    } catch (error) {
      if (!isTaskError(error) || Reflect.get(error, 'isSyntaxError') !== true || error.diagnostic.file !== undefined) throw error
      const location = await locateSyntaxError([...(await this.#sources.stamps(task.file)).keys()])
      throw taskError(error.code, { ...error.diagnostic, ...location }, { isLoadError: true })
    }
  }

  async warm (file: string): Promise<void> {
    const stamps = await this.#sources.stamps(file)
    this.#newest ??= { file, stamps }
    this.#fill()
  }

  /** Children that stay between tasks. */
  get #kept (): number { return this.size + 1 }

  close (): Promise<void> {
    clearTimeout(this.#spareTimer)
    this.#closing ??= Promise.resolve().then(async () => {
      for (const member of this.#members) member.busy ? member.kill() : member.stop()
      await Promise.all(this.#endings)
      dismissReaper()
    })
    return this.#closing as Promise<void>
  }

  onLeave (member: Member): void {
    this.#members.delete(member)
  }

  onUncaught ({ message }: Diagnostic): void {
    this.#log(`a build threw after its end: ${message}`)
  }

  async #attempt (task: Task, options: TaskOptions, unused: boolean): Promise<unknown> {
    const stamps = await this.#sources.stamps(task.file)
    options.signal?.throwIfAborted()
    if (this.#closing !== undefined) throw closed()
    this.#newest = { file: task.file, stamps }
    const member = this.#take(task.file, stamps, unused)
    const wasLoaded = member.loaded.has(task.file)
    this.#fillLater()
    try {
      return await member.run(task, stamps, options)
    } catch (error) {
      if (!isTaskError(error) || error.isLoadError !== true) throw error
      this.#unload(task.file)
      // It failed some time ago, perhaps before a hook or an installation made what it needs.
      throw wasLoaded ? Object.assign(error, { retryable: true }) : error
    } finally {
      const isSpent = member.flooded || member.rss > this.#maxRssBytes || this.#members.size > this.#kept
      if (isSpent && this.#members.has(member)) this.#retire(member)
      this.#fillLater()
    }
  }

  #take (file: string, stamps: Stamps, unused: boolean): Member {
    for (const member of this.#members) if (!member.busy && isStale(member, stamps)) this.#retire(member)
    const free = [...this.#members].filter(member => !member.busy)
    const found = unused ? free.find(member => member.finishedTasks === 0) : free.find(member => member.loaded.has(file)) ?? free[0]
    return found ?? this.#add()
  }

  #add (): Member {
    try {
      const member = this.#start(this)
      this.#members.add(member)
      const ending = member.ended.finally(() => this.#endings.delete(ending))
      this.#endings.add(ending)
      return member
    } catch (error) {
      throw unavailable(this.kind, error as Error)
    }
  }

  #retire (member: Member): void {
    this.#members.delete(member)
    member.stop()
  }

  /** Node keeps the failure of a module as long as its process: another child has to load it anew. */
  #unload (file: string): void {
    if (this.#newest?.file === file) this.#newest = undefined
    for (const member of this.#members) if (!member.busy && member.loaded.has(file)) this.#retire(member)
  }

  #fillLater (): void {
    this.#spareTimer ??= setTimeout(() => this.#fill(), SPARE_DELAY_MS).unref()
  }

  #fill (): void {
    clearTimeout(this.#spareTimer)
    this.#spareTimer = undefined
    try {
      while (this.#closing === undefined && this.#members.size < this.#kept) {
        const member = this.#add()
        if (this.#newest !== undefined) member.load(this.#newest.file, this.#newest.stamps)
      }
    } catch {
      // The next task that needs a child reports it.
    }
  }
}

/** Something the child has loaded is different by now. */
function isStale ({ loaded }: Member, stamps: Stamps): boolean {
  return [...stamps].some(([file, stamp]) => (loaded.get(file) ?? stamp) !== stamp)
}
