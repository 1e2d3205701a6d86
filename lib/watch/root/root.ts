// The life of one root: opened, watched, reopened, lost, found again. root-state.ts decides, this file acts.
import { setTimeout } from 'node:timers/promises'
import type { KeepAlive } from '../keep-alive.js'
import type { BackendName } from '../../../types/options.js'
import { BACKEND_MISSING, type WatchBackend } from '../backends/backend.js'
import { PREFERRED, type Backends } from '../backends/backends.js'
import { unreliableFileSystem } from '../backends/file-system.js'
import { explain, systemCode } from '../backends/limits.js'
import { compare, compareEach, directoriesOf, findDirectories } from '../index/scan.js'
import { Canary, DEAF_AFTER_MS } from './canary.js'
import { Hints, type HintSettings } from './hints.js'
import { RootHandle } from './root-handle.js'
import { identifyRoot, isSameRoot, type RootIdentity } from './root-identity.js'
import { describe, initialState, next, NOT_LISTENING, type RootEvent, type RootState } from './root-state.js'

export interface RootSettings extends Omit<HintSettings, 'onRootChange'> {
  readonly backend: 'auto' | BackendName
  readonly pollInterval: number
  readonly backends: Backends
  /** Events of the system keep the process alive, so the root is polled until that is allowed. */
  readonly keepAlive: KeepAlive
  warn (reason: string): void
  /** The root is there again, or another one in its place. Files in it may have come and gone unseen, from `since` on, by the clock. @default a little before now */
  onReturn (since?: number): void
}

/** The native watcher compares every path with every ignored one. */
const MAX_IGNORED = 200

export class Root {
  readonly #settings: RootSettings
  readonly #closing = new AbortController()
  readonly #handle = new RootHandle(ms => this.#sleep(ms))
  readonly #hints: Hints
  readonly #canary: Canary
  /** No event came where one had to. */
  #isDeaf = false
  #state: RootState
  #identity: RootIdentity | undefined
  #opening: Promise<void> | undefined
  #onFirstRound = (): void => {}
  #ignoredWhenOpened = 0

  constructor (settings: RootSettings) {
    this.#settings = settings
    this.#hints = new Hints({ ...settings, onRootChange: () => this.tick() })
    this.#canary = new Canary({ ...settings, onDeaf: () => this.#onDeaf() })
    // A page may be sent before the first look, from what is here now.
    this.#identity = identifyRoot(settings.path, undefined)
    this.#state = initialState(this.#wanted, settings.backend === 'poll' ? 'polling was asked for' : NOT_LISTENING)
  }

  /** What the next opening should try, whatever the one before ended with. */
  get #wanted (): BackendName {
    const { backend, keepAlive } = this.#settings
    if (!keepAlive.isAllowed || this.#isDeaf) return 'poll'
    return backend === 'auto' ? PREFERRED : backend
  }

  /** Everything was found once: what differs from now on is a change. */
  get #isCrawled (): boolean { return !this.#settings.index.crawl.active }

  get #backend (): WatchBackend { return this.#settings.backends[this.#state.target] }

  /** By the clock: what is found now by polling was not there then. */
  get comparedAt (): number { return this.hasEvents ? Infinity : this.#hints.comparedAt }

  /** True while events of the system report changes. */
  get hasEvents (): boolean { return (this.#state.name === 'opening' ? this.#state.previous : this.#state.name) === 'watched' && this.#handle.isOpen }

  /** Settles after the first round of opening: where directories keep coming, reopening goes on for as long. */
  async start (): Promise<void> {
    const { path, index, slicer, keepAlive } = this.#settings
    // `listen()` returns first.
    await keepAlive.decided.then(() => new Promise(resolve => setImmediate(resolve)))
    if (!keepAlive.isAllowed) keepAlive.onceAllowed(() => this.#allow())
    if (identifyRoot(path, undefined) !== undefined) await slicer.run(findDirectories(index))
    const firstRound = new Promise<void>(resolve => { this.#onFirstRound = resolve })
    this.#dispatch({ type: 'replaced', target: this.#wanted })
    await Promise.race([firstRound, this.#open()])
    index.crawl.active = false
    await this.#hints.release()
    this.#renewIfIncomplete()
  }

  /** Checks whether the root is still the one that was opened, retries the wanted backend when that is due, and what could not be read. Cheap, and called often. */
  tick (): void {
    if (this.#opening !== undefined) return
    const { path, index, slicer, clock } = this.#settings
    if (!isSameRoot(identifyRoot(path, this.#identity), this.#identity)) return this.#dispatch({ type: 'replaced', target: this.#wanted })
    this.#dispatch({ type: 'tick', now: clock.now(), target: this.#wanted })
    slicer.run(compareEach(index, index.unreadable))
    this.#renewIfIncomplete()
  }

  /** Opens the root again, because what is ignored has changed. */
  renew = (): void => this.#dispatch({ type: 'renew' })

  /** Compares the whole root with the disk. */
  scan (burst?: boolean): Promise<void> {
    return this.#settings.slicer.run(compare(this.#settings.index, this.#settings.path, { deep: true }), burst)
  }

  status (): ReturnType<typeof describe> {
    const [unreadable] = this.#settings.index.unreadable
    return describe(this.#state, this.#settings.path, this.#isCrawled, unreadable)
  }

  async close (): Promise<void> {
    this.#dispatch({ type: 'closed' })
    this.#closing.abort()
    this.#canary.close()
    await this.#opening
    await this.#handle.close()
  }

  /** The opening under way has another target. */
  async #allow (): Promise<void> {
    await this.#opening
    this.#dispatch({ type: 'replaced', target: this.#wanted })
  }

  #dispatch (event: RootEvent): void {
    this.#state = next(this.#state, event)
    if (this.#state.name === 'opening') this.#open()
  }

  #open (): Promise<void> {
    this.#opening ??= Promise.resolve().then(() => this.#openUntilSettled())
    return this.#opening
  }

  async #openUntilSettled (): Promise<void> {
    const { clock, index } = this.#settings
    while (this.#state.name === 'opening') {
      const began = clock.now()
      if (await this.#tryToOpen()) this.#onFirstRound()
      const incomplete = !this.#backend.followsNewDirectories && index.hasUnwatched
      if (this.#state.reopen || incomplete) this.#dispatch({ type: 'renew' })
      if (this.#state.name === 'opening') await this.#sleep(this.#handle.reopenPause(clock.now() - began))
    }
    this.#opening = undefined
  }

  /** Returns whether the first round is over: the root is open, missing or failed. Otherwise the caller tries again after a pause. */
  async #tryToOpen (): Promise<boolean> {
    const { path, backend, index, slicer, clock, onReturn } = this.#settings
    const [identity, began] = [identifyRoot(path, this.#identity), clock.now()]
    const isOther = !isSameRoot(identity, this.#identity)
    const isBack = isOther && this.#isCrawled && identity !== undefined && !index.hasFile(path)
    if (isOther) this.#dispatch({ type: 'replaced', target: this.#wanted })
    if (isOther && !this.#isCrawled) index.settings.onSuspect(path)
    if (isBack) onReturn()
    this.#identity = identity
    const unwatched = index.takeUnwatched()
    if (identity === undefined) {
      await this.#handle.drop()
      await slicer.run(compare(index, path))
      this.#dispatch({ type: 'vanished' })
      return true
    }
    if (!await this.#openBackend(identity) || this.#closing.signal.aborted) return this.#state.name === 'failed'
    // `opened` clears it.
    const { compareAll } = this.#state
    this.#dispatch({ type: 'opened' })
    if (isBack) onReturn(began)
    // The first one as a burst: what it finds belongs together, so that no page reloads twice for it.
    if (compareAll) await slicer.run(compare(index, path, { deep: true, silent: !this.#isCrawled }), !this.#isCrawled)
    else for (const each of unwatched) await slicer.run(compare(index, each))
    // Afterwards: to the first scan the directory would look like one that a name has left.
    if (backend === 'auto' && this.#state.name === 'watched') this.#canary.ask()
    return true
  }

  /** Returns false when the backend was refused, or the root vanished meanwhile. */
  async #openBackend (identity: RootIdentity): Promise<boolean> {
    const { path, backend } = this.#settings
    const unreliable = backend === 'auto' && this.#state.target !== 'poll' ? unreliableFileSystem(identity.real) : undefined
    if (unreliable !== undefined) this.#fallBack(`${path} is on a file system (${unreliable}) that does not report every change`)
    if (this.#handle.isOpen && !this.#backend.canOverlap) {
      await this.#handle.drop()
      this.#dispatch({ type: 'interrupted' })
    }
    const exists = () => !this.#closing.signal.aborted && identifyRoot(path, identity) !== undefined
    try {
      await this.#handle.replace(() => this.#openHandle(identity), exists)
      return true
    } catch (error) {
      if (exists()) this.#onRefused(error as Error)
      return false
    }
  }

  #openHandle ({ real }: RootIdentity): ReturnType<WatchBackend['open']> {
    const { path, pollInterval, index, onDoubt } = this.#settings
    this.#ignoredWhenOpened = index.ignoredDirectories.size
    const ignored = [...index.ignoredDirectories, ...index.unreadable].slice(0, MAX_IGNORED).map(each => real + each.slice(path.length))
    const onLost = (): void => {
      onDoubt()
      this.#dispatch({ type: 'lost' })
    }
    return this.#backend.open(real, paths => this.#hint(paths?.map(each => path + each.slice(real.length))), { ignored, directories: () => directoriesOf(index, real), pollInterval, onLost })
  }

  /** A backend that was asked for by name never falls back because of a limit. Where it does not exist it has to. */
  #onRefused (error: Error): void {
    const { path, backend, clock, warn } = this.#settings
    const reason = explain(error, path)
    if (systemCode(error) === BACKEND_MISSING) return this.#fallBack(reason)
    if (backend === 'auto') return this.#fallBack(reason, clock.now())
    this.#dispatch({ type: 'failed', reason })
    warn(`not watching ${path}: ${reason}`)
  }

  /** Polls from now on. Without `now`, nothing else is ever tried again. */
  #fallBack (reason: string, now?: number): void {
    const { path, pollInterval, warn } = this.#settings
    this.#dispatch({ type: 'fellBack', reason, ...(now !== undefined && { now }) })
    warn(`polling ${path} every ${pollInterval} ms: ${reason}`)
  }

  /** Where the root was opened again meanwhile, or has vanished, the next opening asks again. */
  async #onDeaf (): Promise<void> {
    await this.#opening
    if (this.#state.name !== 'watched') return
    this.#isDeaf = true
    this.#fallBack(`a file that was made there for a moment was not reported within ${DEAF_AFTER_MS / 1000} s`)
  }

  async #hint (paths: readonly string[] | undefined): Promise<boolean> {
    if (this.#closing.signal.aborted) return false
    const others = paths && this.#canary.hear(paths)
    if (paths !== undefined && others === undefined) return false
    const differed = await this.#hints.take(others)
    this.#renewIfIncomplete()
    return differed
  }

  /** Some backends learn of directories that they missed, or that are ignored by now, only by being opened again. */
  #renewIfIncomplete (): void {
    const { index } = this.#settings
    if (!this.#isCrawled || (this.#backend.followsNewDirectories && !index.hasReturned)) return
    if (index.hasUnwatched || index.ignoredDirectories.size > this.#ignoredWhenOpened) this.#dispatch({ type: 'renew' })
  }

  /** Keeps the process alive, for the app may wait for this root. Ends early when the root is closed. */
  async #sleep (ms: number): Promise<void> {
    await setTimeout(ms, undefined, { signal: this.#closing.signal }).catch(() => {})
  }
}
