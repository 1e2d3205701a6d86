// All watches of an app: those of its options, and those that plugins add.
import type { FastifyBaseLogger } from 'fastify'
import type { Change, WatchStatus } from '../../types/change.js'
import type { Settings } from '../options/settings.js'
import type { KeepAlive } from './keep-alive.js'
import { isWithin } from '../shared/paths.js'
import { createWatch, type Watch } from './watch.js'
import type { WatchSettings } from './watch-settings.js'

/** What is missing is taken from the options of the app. `ignore` is added to theirs. */
export type WatchRequest = Pick<WatchSettings, 'name' | 'roots'> & Partial<Pick<WatchSettings, 'exclude' | 'ignore' | 'include' | 'gitignore' | 'debounce' | 'usedSince' | 'reportReturns' | 'awaitGit'>>

export class Watches {
  readonly #settings: Settings
  readonly #log: FastifyBaseLogger
  readonly #keepAlive: KeepAlive | undefined
  readonly #open = new Set<Watch>()
  /** Listeners of the app that have not returned yet. */
  readonly #listening = new Set<Promise<void>>()

  constructor (settings: Settings, log: FastifyBaseLogger, keepAlive?: KeepAlive) {
    this.#keepAlive = keepAlive
    this.#settings = settings
    this.#log = log
  }

  open ({ exclude = [], ignore = [], ...request }: WatchRequest, listener: (changes: readonly Change[]) => void): Watch {
    const { gitignore, debounce, backend, pollInterval } = this.#settings
    const watch = createWatch({
      ...{ gitignore, debounce, backend, pollInterval, keepAlive: this.#keepAlive, ...request },
      exclude: exclude.filter(path => request.roots.some(root => root !== path && isWithin(root, path))),
      ignore: [...this.#settings.ignore, ...ignore]
    }, listener, this.#log)
    this.#open.add(watch)
    return watch
  }

  /** A watch whose listener is code of the app: what it throws, or rejects with, is logged. Returns its undo. */
  add (request: WatchRequest, listener: (changes: readonly Change[]) => unknown): () => void {
    const watch = this.open(request, changes => {
      const listening = this.#tell(listener, changes).finally(() => this.#listening.delete(listening))
      this.#listening.add(listening)
    })
    return () => {
      this.#open.delete(watch)
      watch.close().catch((err: unknown) => this.#log.error({ err }, 'a watch of app.liveReload.watch() did not close'))
    }
  }

  async #tell (listener: (changes: readonly Change[]) => unknown, changes: readonly Change[]): Promise<void> {
    try {
      await listener(changes)
    } catch (err) {
      this.#log.error({ err }, 'a listener of app.liveReload.watch() failed')
    }
  }

  /** Reports changes that are not on disk. Returns the paths that are below nothing that is watched. */
  report (changes: readonly Change[]): string[] {
    const found = [...this.#open].map(watch => watch.report(changes))
    return changes.map(({ path }) => path).filter(path => !found.some(paths => paths.includes(path)))
  }

  /** Settles when every listener of the app has returned. */
  async settled (): Promise<void> {
    while (this.#listening.size > 0) await Promise.all(this.#listening)
  }

  /** Settles when everything is watched that is open now. */
  async ready (): Promise<void> {
    await Promise.all([...this.#open].map(watch => watch.ready))
  }

  status (): WatchStatus[] {
    return [...this.#open].map(watch => watch.status()).filter(({ roots }) => roots.length > 0)
  }

  async close (): Promise<void> {
    await Promise.all([...this.#open].map(watch => watch.close()))
  }
}
