// change -> build -> broadcast: what happens between a save and the tabs that show it, in the order of time.
import type { BuildResult } from '../types/build.js'
import type { Change, WatchStatus } from '../types/change.js'
import type { BuildStatus } from '../types/message.js'
import { Builds } from './builds/builds.js'
import { atMost } from './builds/scheduler/deadline.js'
import type { ReportParts } from './builds/scheduler/report.js'
import type { BuildSteps } from './builds/scheduler/scheduler.js'
import { Publisher, type PublisherParts } from './classify/publisher.js'
import { SharedPipeline, type SharedPipelineParts } from './live/cluster/shared-pipeline.js'
import type { Settings } from './options/settings.js'
import type { Clock } from './shared/clock.js'
import type { Driver } from './shared/watching/driver.js'
import type { KeepAlive } from './watch/keep-alive.js'
import type { Undone } from './watch/timing/batcher.js'
import type { Watch } from './watch/watch.js'
import { Watches, type WatchRequest } from './watch/watches.js'

/** `send` takes messages for tabs, `emit` events for listeners of the app, `log` lines for people; `classify` decides between reload and update. */
export type PipelineParts = ReportParts & PublisherParts & {
  readonly clock?: Clock
  /** @default the process may be kept alive */
  readonly keepAlive?: KeepAlive
  /** Paths of the URLs that tabs show. @default none are known */
  viewed? (): readonly string[]
  /** A page, or anything else the app sends, may have been made since then, by `performance.now()`. */
  usedSince (at: number): boolean
  /** Listeners hear of what happens in `work` when it has returned. @default at once */
  deferEvents? (work: () => void): void
}
export type ReloadTarget = Parameters<Publisher['reload']>[0]
export type ExtraWatchOptions = Pick<WatchRequest, 'include' | 'ignore' | 'gitignore' | 'debounce'>

/** A request for a page waits no longer than this for the first build. */
const FIRST_BUILD_TIMEOUT_MS = 30_000
const untilBuilt = (ready: Promise<void>): Promise<void> => atMost(ready, FIRST_BUILD_TIMEOUT_MS)

export class Pipeline {
  readonly #watches: Watches
  readonly #rootsWatch: Watch
  readonly #builds: Builds
  readonly #publisher: Publisher
  readonly #emit: ReportParts['emit']
  readonly #usedSince: PipelineParts['usedSince']
  readonly #viewed: () => readonly string[]
  readonly #deferEvents: (work: () => void) => void
  #finishStart = (): void => {}
  #isStarting = true
  /** Settles when everything is watched and the first builds have ended, whatever their outcome, or the app closes. */
  readonly ready = new Promise<void>(resolve => { this.#finishStart = resolve }).then(() => { this.#isStarting = false })

  constructor (settings: Settings, parts: PipelineParts) {
    this.#emit = parts.emit
    this.#usedSince = parts.usedSince
    this.#viewed = parts.viewed ?? (() => [])
    this.#deferEvents = parts.deferEvents ?? (work => work())
    this.#watches = new Watches(settings, parts.log, parts.keepAlive)
    this.#builds = new Builds(settings.cwd, parts)
    this.#publisher = new Publisher(settings.cwd, parts, () => this.#builds.running())
    this.#rootsWatch = this.#watch(settings)
  }

  // 1. Watch what is served, what the app reads itself, and the sources of each build.
  #watch ({ roots, watch, builds }: Settings): Watch {
    const served = roots.map(({ path }) => path)
    const rootsWatch = this.#watches.open({ name: 'root', roots: served, gitignore: false, usedSince: (at, undone) => this.#isSent(at, undone) }, changes => this.#publish('output', changes))
    this.#watches.open({ name: 'watch', roots: watch, exclude: served, reportReturns: true, usedSince: this.#usedSince }, changes => this.#publish('watch', changes))
    for (const build of builds) {
      const { name, source, include, ignore } = build
      const sources = this.#watches.open({ name, roots: source, exclude: served, include, ignore, awaitGit: true, usedSince: (at, undone, madeAt) => this.#isRead(name, at, undone, madeAt) }, changes => this.#schedule(name, changes))
      this.#builds.add(build, this.#steps(name, sources, rootsWatch, served))
    }
    return rootsWatch
  }

  // 2. Schedule a build of the changed sources: at once, or together with what changes next.
  #schedule (name: string, changes: readonly Change[]): void {
    this.#emit('change', { source: 'input', name, changes })
    this.#builds.schedule(name, changes)
  }

  #steps (name: string, sources: Watch, rootsWatch: Watch, roots: readonly string[]): BuildSteps {
    return {
      // 3. Run: the scheduler runs the hooks and the builder. It compares the sources after each hook, because what a hook changes belongs to this build.
      checkSources: () => sources.check(),
      // 4. Collect what the build wrote. Events come late, so the outputs are compared now; without `outputs`, all of them.
      checkOutputs: result => rootsWatch.check(result.ok ? result.outputs : undefined),
      publish: async outputs => {
        await rootsWatch.check(outputs)
        this.#publisher.release(outputs)
      },
      viewed: this.#viewed,
      roots,
      finish: result => {
        // Finds edits that were made while the build ran. Nobody waits for it: what it finds starts another build.
        sources.scan()
        this.#publisher.buildEnded(name, result)
      }
    }
  }

  /** A page may have been made of what was undone. Many builds empty all of their outputs and write them again, whatever has changed: no page that was sent before has seen that. */
  #isSent (at: number, undone: Undone): boolean {
    const { writingSince } = this.#builds
    if (writingSince === Infinity) return this.#usedSince(at)
    return undone !== 'rewritten' && this.#usedSince(Math.max(at, writingSince))
  }

  /**
   * A build may have read what was undone. What it writes again is no source, and neither is what it makes and removes itself, which was not there when it began.
   * What it makes in its first milliseconds looks older than itself, because time stamps are that coarse: it is built once more for it, until loop detection slows it down.
   */
  #isRead (name: string, at: number, undone: Undone, madeAt: number): boolean {
    const { from, to } = this.#builds.lastRun(name)
    return undone === 'edited' ? to >= at : undone === 'made' && from >= madeAt
  }

  // 5. Keep back what changed while a build may still be writing it. 6. Classify it as an update or a reload, and send it.
  #publish (source: 'output' | 'watch', changes: readonly Change[]): void {
    this.#deferEvents(() => {
      this.#emit('change', { source, changes })
      this.#publisher.add(source, changes)
    })
  }

  start = async (): Promise<void> => {
    this.#builds.warm()
    await this.#watches.ready()
    await this.#builds.request('start')
    this.#finishStart()
  }

  /** Waits for the first builds, but not forever. False when there was nothing to wait for. */
  waitForFirstBuilds = async (): Promise<boolean> => {
    if (!this.#isStarting || this.#builds.size === 0) return false
    await untilBuilt(this.ready)
    return true
  }

  close = async (): Promise<void> => {
    this.#finishStart()
    await Promise.all([this.#watches.close(), this.#builds.close()])
  }

  // Called by `app.liveReload`. Arrow functions, because they are passed on without their object.
  reload = (target?: ReloadTarget): void => this.#publisher.reload(target)
  update = (paths: readonly string[]): void => this.#publisher.update(paths)
  pause = (): void => this.#publisher.pause()
  resume = (): void => this.#publisher.resume()
  build = (name?: string): Promise<BuildResult[]> => this.#builds.request('manual', name)

  /** One more watch. Its changes go to the listener only. Returns its undo. */
  watch = (roots: readonly string[], options: ExtraWatchOptions, listener: (changes: readonly Change[]) => unknown): () => void => {
    return this.#watches.add({ ...options, name: 'plugin', roots }, changes => {
      this.#emit('change', { source: 'plugin', changes })
      return listener(changes)
    })
  }

  /** For tests: what changes without the disk. */
  readonly driver: Driver = {
    report: changes => this.#watches.report(changes),
    settled: async () => {
      await this.#watches.settled()
      await this.#builds.settled()
    }
  }

  /** A file of a root was sent. */
  fileSent = (path: string): void => this.#rootsWatch.fileSent(path)

  get seq (): number { return this.#publisher.seq }
  get paused (): boolean { return this.#publisher.isPaused }
  builds = (): Record<string, BuildStatus> => this.#builds.status()
  watches = (): WatchStatus[] => this.#watches.status()
}

export const createPipeline = (settings: Settings, parts: PipelineParts): Pipeline => new Pipeline(settings, parts)

/** For an app with several processes, of which one watches and builds. */
export function createSharedPipeline (settings: Settings, parts: PipelineParts, shared: Pick<SharedPipelineParts, 'member' | 'onDeliver'>): SharedPipeline {
  return new SharedPipeline({ ...shared, settings, untilBuilt, emit: parts.emit, create: (settings, emit, seq) => new Pipeline(settings, { ...parts, emit, seq }) })
}
