// disk -> changes: joins roots, their indexes, batches and audits.
import type { FastifyBaseLogger } from 'fastify'
import type { Change, WatchStatus } from '../../types/change.js'
import { clock as realClock, type Clock } from '../shared/clock.js'
import { KeepAlive } from './keep-alive.js'
import { isWithin } from '../shared/paths.js'
import { worstOf } from '../shared/watching/watch-state.js'
import { createBackends, type Backends } from './backends/backends.js'
import { explainUnreadable } from './backends/limits.js'
import { createIgnore, isSeen, type Ignore } from './ignore/ignore.js'
import { FileIndex } from './index/file-index.js'
import { isWhole, type Fingerprint } from './index/fingerprint.js'
import { applyRules, compare, compareEach, type CompareOptions } from './index/scan.js'
import { Root } from './root/root.js'
import { Audit } from './timing/audit.js'
import { Batcher } from './timing/batcher.js'
import { ageOfFile, delayOf, isLate, noticeSpan } from './timing/lateness.js'
import { Recheck } from './timing/recheck.js'
import { Git } from './timing/git.js'
import { isTemporary } from './timing/temporary.js'
import { TimeSlicer } from './timing/time-slicer.js'
import type { ChangesListener, WatchSettings } from './watch-settings.js'

/** A directory with more names is not compared again and again. */
const MAX_RECHECKED_NAMES = 200
/** As many files are compared in some 50 ms. */
const MAX_RECHECKED_FILES = 15_000

interface Tools { readonly clock: Clock, readonly backends: Backends }
/** One root with all that belongs to it. */
interface Part { readonly root: Root, readonly index: FileIndex, readonly rules: Ignore }

/** Reports every difference on disk, once, and says when it cannot. */
export class Watch {
  /** Settles when the first crawl is done; from then on every difference is reported. Never rejects: see `status()`. */
  readonly ready: Promise<void>
  readonly #settings: WatchSettings
  readonly #onChanges: ChangesListener
  readonly #log: FastifyBaseLogger
  readonly #paths: readonly string[]
  readonly #parts: readonly Part[]
  readonly #batch: Batcher
  readonly #slicer: TimeSlicer
  readonly #recheck: Recheck
  readonly #audit: Audit
  readonly #warnings = new Set<string>()
  /** Parts whose ignore rules changed. Rules are applied after the first crawl: during it every file would count as new. */
  readonly #staleParts = new Set<Part>()
  #applyingRules = true
  readonly #clock: Clock
  #closed: Promise<void> | undefined

  constructor (settings: WatchSettings, onChanges: ChangesListener, log: FastifyBaseLogger, { clock, backends }: Tools) {
    this.#clock = clock
    this.#settings = settings
    this.#onChanges = onChanges
    this.#log = log.child({ watch: settings.name })
    this.#paths = [...new Set(settings.roots)]
    const { debounce, usedSince = () => false, awaitGit = false } = settings
    const git = new Git({ roots: awaitGit ? this.#paths : [], clock, log: text => this.#log.info(`live reload: ${text}`) })
    this.#batch = new Batcher({ clock, debounce, usedSince, isHeld: () => git.isBusy(), send: changes => this.#send(changes), recheck: () => this.#recheckSmallRoots() })
    this.#slicer = new TimeSlicer({
      onBegin: burst => this.#batch.beginScan(burst),
      onEnd: burst => this.#batch.endScan(burst),
      onError: error => this.#onError(error)
    })
    this.#recheck = new Recheck({
      clock,
      compare: paths => { this.#compare(paths.filter(path => this.#parts.every(({ index }) => index.countNames(path) <= MAX_RECHECKED_NAMES))) },
      onSettled: path => this.#batch.markComplete(path)
    })
    this.#audit = new Audit({
      clock,
      isBusy: () => this.#batch.size > 0,
      onTick: () => this.#tick(),
      scan: () => Promise.all(this.#partsWithEvents().map(({ root }) => root.scan())),
      onError: error => this.#onError(error)
    })
    this.#parts = this.#paths.map(path => this.#createPart(path, { clock, backends }))
    this.ready = this.#start()
  }

  status (): WatchStatus {
    const found = this.#parts.map(({ root }) => root.status())
    const state = worstOf(found)?.state ?? 'ok'
    const reason = found.flatMap(status => status.reason ?? []).join('; ')
    const files = this.#parts.reduce((sum, { index }) => sum + index.files, 0)
    return { state, roots: this.#paths, files, ...(reason !== '' && { reason }) }
  }

  /** Compares these paths, or everything, with the disk after a build or one of its hooks, instead of waiting for events. What differs, and what was being gathered, was reported when it settles. */
  async check (paths: Iterable<string> = this.#paths): Promise<void> {
    await this.ready
    await this.#compare([...paths], { deep: true, force: true, byBuild: true }, true)
    this.#batch.flush()
  }

  /** Compares everything with the disk. What differs is reported in its own time, as after an event. */
  async scan (): Promise<void> {
    await this.ready
    await Promise.all(this.#parts.map(({ root }) => root.scan(true)))
  }

  /** Reports changes that are not on disk, but for what is ignored. Returns the paths that are below its roots. */
  report (changes: readonly Change[]): readonly string[] {
    const below = (path: string): boolean => this.#paths.some(root => isWithin(root, path))
    const seen = changes.filter(({ path }) => this.#parts.some(({ index, rules }) => isSeen(rules, index.root, path)))
    if (seen.length > 0) this.#send(seen)
    return changes.map(({ path }) => path).filter(below)
  }

  /** This file was sent to a page. It may be gone again before anything reports it. */
  fileSent (path: string): void {
    for (const { index } of this.#parts) if (!index.crawl.active) this.#slicer.run(compare(index, path))
  }

  /** Nothing is reported afterwards. Idempotent. */
  close (): Promise<void> {
    if (this.#closed === undefined) {
      for (const each of [this.#slicer, this.#batch, this.#recheck, this.#audit]) each.close()
      this.#closed = Promise.all(this.#parts.map(({ root }) => root.close())).then(() => {})
    }
    return this.#closed
  }

  #createPart (path: string, tools: Tools): Part {
    const { ignore, include, exclude, gitignore, backend, pollInterval, keepAlive = new KeepAlive(true) } = this.#settings
    // A page may have been sent since then.
    const madeAt = this.#clock.now()
    // A file belongs to the innermost root, so that no change is reported twice.
    const inner = this.#paths.filter(other => other !== path && other.startsWith(path))
    const rules = createIgnore({ root: path, rules: ignore, include, exclude: [...exclude, ...inner], gitignore, log: this.#log })
    const index = new FileIndex({
      root: path,
      ignored: rules.ignored,
      onDifference: (...difference) => this.#onDifference(part, ...difference),
      onRewrite: (path, now) => { if (!root.hasEvents || this.#isMissed(path, now)) this.#onDifference(part, path, now, now) },
      hasEvents: (): boolean => root.hasEvents,
      onSuspect: (path, now) => this.#gather(part, path, now, now, madeAt),
      onUnreadable: (each, code) => this.#warn(explainUnreadable(each, code)),
      // The clock of a file system is never ahead: a later time stamp is surely that of a later change.
      startedAt: Date.now() + 1
    })
    const root = new Root({
      ...tools,
      path,
      backend,
      pollInterval,
      keepAlive,
      index,
      slicer: this.#slicer,
      onNameChange: each => this.#recheck.addSiblings(each),
      onAbsent: each => { if (this.#isMissed(each, undefined) && isSeen(rules, path, each) && !isTemporary(each, file => index.hasFile(file))) this.#gather(part, each, undefined, undefined) },
      onDoubt: () => this.#audit.doubt(),
      onReturn: since => { if (this.#settings.reportReturns === true) this.#gather(part, path, undefined, undefined, since) },
      warn: text => this.#warn(text)
    })
    const part = { root, index, rules }
    return part
  }

  async #start (): Promise<void> {
    await Promise.all(this.#parts.map(({ root }) => root.start()))
    this.#applyRules()
    this.#audit.start()
    for (const { index } of this.#parts) this.#audit.runInBackground(compare(index, index.root, { deep: true, unread: true }))
  }

  #onDifference (part: Part, path: string, before: Fingerprint | undefined, after: Fingerprint | undefined): void {
    if (part.rules.included(path)) {
      this.#gather(part, path, before, after)
      this.#recheck.addFile(path)
    }
    if (part.rules.refresh(path)) this.#onRulesChanged(part)
  }

  /** Events in time would have shown what was there in between. A burst is a build that writes everything again, and no undo. */
  #isMissed (path: string, now: Fingerprint | undefined): boolean {
    return !this.#batch.inBurst && isLate(path, now)
  }

  #gather ({ index, root }: Part, path: string, before: Fingerprint | undefined, after: Fingerprint | undefined, since = Math.min(this.#clock.now() - noticeSpan(path, after), root.comparedAt)): void {
    const temporary = (before === undefined) !== (after === undefined) && isTemporary(path, each => index.hasFile(each))
    this.#batch.add({ path, before, after, complete: isWhole(after), delay: delayOf(after), age: ageOfFile(after), temporary, since })
  }

  #onRulesChanged (part: Part): void {
    this.#staleParts.add(part)
    if (!this.#applyingRules) this.#applyRules()
  }

  async #applyRules (): Promise<void> {
    this.#applyingRules = true
    for (const part of this.#staleParts) {
      // What is found may change rules again, which adds the part once more.
      this.#staleParts.delete(part)
      await this.#slicer.run(applyRules(part.index))
      part.root.renew()
    }
    this.#applyingRules = false
  }

  #tick (): void {
    for (const part of this.#parts) {
      part.root.tick()
      this.#slicer.run(compareEach(part.index, part.index.links))
      if (part.rules.refresh()) this.#onRulesChanged(part)
    }
  }

  #compare (paths: readonly string[], options?: CompareOptions, burst?: boolean): Promise<void> {
    return this.#slicer.run(this.#steps(paths, options), burst)
  }

  * #steps (paths: readonly string[], options?: CompareOptions): Generator<void> {
    for (const path of paths) {
      for (const { index } of this.#parts) yield * compare(index, path, options)
    }
  }

  #partsWithEvents (): readonly Part[] {
    return this.#parts.filter(({ root }) => root.hasEvents)
  }

  async #recheckSmallRoots (): Promise<void> {
    await Promise.all(this.#partsWithEvents().filter(({ index }) => index.files <= MAX_RECHECKED_FILES).map(({ root }) => root.scan(true)))
  }

  #send (changes: readonly Change[]): void {
    try {
      this.#onChanges(changes)
    } catch (error) {
      this.#log.error({ err: error }, 'live reload: a listener for changes threw')
    }
  }

  #warn (text: string): void {
    if (!this.#warnings.has(text)) this.#log.warn(`live reload: ${text}`)
    this.#warnings.add(text)
  }

  #onError (error: unknown): void {
    this.#log.error({ err: error }, 'live reload: comparing with the disk failed')
    this.#audit.doubt()
  }
}

export function createWatch (settings: WatchSettings, onChanges: ChangesListener, log: FastifyBaseLogger, { clock = realClock, backends = createBackends(clock) }: Partial<Tools> = {}): Watch {
  return new Watch(settings, onChanges, log, { clock, backends })
}
