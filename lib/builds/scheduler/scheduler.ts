// Runs the builds of one pipeline: at most one at a time, and at most one waiting. What to do is decided in session.ts.
import { tracingChannel } from 'node:diagnostics_channel'
import { setMaxListeners } from 'node:events'
import type { BuildContext, BuildProfile, BuildReason, BuildRequest, BuildResult, Diagnostic } from '../../../types/build.js'
import type { BuildStatus } from '../../../types/message.js'
import { clock as realClock, type Clock } from '../../shared/clock.js'
import { describe } from '../diagnostics/describe.js'
import { createRedact } from '../../shared/messages/redact.js'
import type { HookedBuilder, HookWindow } from '../hooks/hooks.js'
import { atMost, SETTLE_TIMEOUT_MS, settleBuild } from './deadline.js'
import { ageOf as ageOnDisk, lastRun, ranAt, type Run } from './loop-detection.js'
import { OwnFiles, type SourceChange } from './own-files.js'
import type { BuildReport } from './report.js'
import { IDLE, isHookRun, next, overdueAt, type SessionEvent } from './session.js'

export interface SchedulerSettings {
  readonly name: string
  readonly builder: HookedBuilder
  readonly cwd: string
  /** Milliseconds a build may take. */
  readonly timeout: number
  /** @default 'development' */
  readonly profile?: BuildProfile
  readonly report: Pick<BuildReport, 'log' | 'started' | 'progress' | 'ended' | 'stopped'> & { looping (paths: readonly string[]): Diagnostic | undefined }
  readonly clock?: Clock | undefined
  /** Milliseconds since a file was written or removed. @default as the disk has it */
  readonly ageOf?: (path: string) => number
}

/** What happens around the builder. */
export interface BuildSteps {
  /** Compares the sources with the disk. Each difference has been passed to `change()` when it settles. */
  checkSources (): Promise<void>
  /** Finds out what the build wrote. */
  checkOutputs (result: BuildResult): Promise<void>
  /** Shows tabs outputs of a build that goes on. */
  publish? (outputs: readonly string[]): Promise<void>
  /** Paths of the URLs that tabs show. */
  viewed? (): readonly string[]
  /** Absolute directories that are served. */
  readonly roots?: readonly string[]
  /** The build is over, and no newer change made it stale. The next build starts afterwards. */
  finish (result: BuildResult): void
}

/** `Scheduler` adds the rest. */
type NewEvent<E = SessionEvent> = E extends SessionEvent ? Omit<E, 'at' | 'duringBuild' | 'isStale'> : never

const CLOSED: BuildResult = { ok: false, ms: 0, diagnostics: [{ severity: 'error', message: 'not built: the app closes' }] }
/** Whether paths were written during a build is judged by so many of them. */
const MAX_CHECKED_PATHS = 100
const TRACE = tracingChannel('fastify-live-reload.build')
let lastId = 0

export class Scheduler {
  readonly #settings: SchedulerSettings
  readonly #steps: BuildSteps
  readonly #clock: Clock
  readonly #redact = createRedact()
  readonly #ownFiles = new OwnFiles()
  #session = IDLE
  #last: BuildStatus
  #waiters: ((result: BuildResult) => void)[] = []
  #onWorked: (() => void)[] = []
  #controller = new AbortController()
  #working: Promise<void> | undefined
  /** Sources that builds were found to write, until that is reported. */
  #loopPaths: readonly string[] | undefined
  #loopDiagnostic: Diagnostic | undefined
  readonly #cancelTimers = { due () {}, overdue () {} }

  constructor (settings: SchedulerSettings, steps: BuildSteps) {
    this.#settings = settings
    this.#steps = steps
    this.#clock = settings.clock ?? realClock
    this.#last = { state: 'idle', name: settings.name }
  }

  /** Since when builds may have been writing outputs, by the clock. `undefined` when none runs. */
  get writingSince (): number | undefined {
    return this.#session.phase === 'idle' ? undefined : this.#session.writingSince
  }

  /** The running build, or the last one. */
  get lastRun (): Run {
    return lastRun(this.#session.loop)
  }

  status (): BuildStatus {
    if (!['idle', 'draining'].includes(this.#session.phase)) return { ...this.#last, state: 'started' }
    return this.#loopDiagnostic === undefined ? this.#last : { ...this.#last, state: 'failed', diagnostics: [this.#loopDiagnostic] }
  }

  /** Sources changed. */
  change (changes: readonly SourceChange[]): void {
    const paths = changes.map(({ path }) => path)
    const duringBuild = this.#isDuringBuild(paths)
    if (!duringBuild) this.#ownFiles.forget(changes)
    // A change while hooks run is not counted: the builder has not begun to write.
    const isBuildsOwn = duringBuild && this.#session.phase !== 'hooks' && this.#ownFiles.note(changes, this.#session.run)
    this.#apply({ type: 'change', paths, isStale: !isBuildsOwn, duringBuild, at: this.#clock.now() })
  }

  /** Builds everything. Settles with the result of the build that covers this request, which may be a later one. */
  request (reason: BuildReason): Promise<BuildResult> {
    if (this.#session.closed) return Promise.resolve(CLOSED)
    return new Promise(resolve => {
      this.#waiters.push(resolve)
      this.#dispatch({ type: 'request', reason })
    })
  }

  /** Prepares the builder ahead of its first build. */
  warm (): void {
    this.#attempt('warm()', async () => this.#settings.builder.warm?.())
  }

  /** Settles when no build runs, and none is to follow what has changed. */
  async settled (): Promise<void> {
    while (this.#working !== undefined || this.#session.due !== undefined) await new Promise<void>(resolve => { this.#onWorked.push(resolve) })
  }

  async close (): Promise<void> {
    this.#dispatch({ type: 'close' })
    await this.#working
    for (const resolve of this.#onWorked.splice(0)) resolve()
    for (const resolve of this.#waiters.splice(0)) resolve(CLOSED)
    await atMost(this.#attempt('close()', async () => this.#settings.builder.close?.()), SETTLE_TIMEOUT_MS)
  }

  #dispatch (event: NewEvent): void {
    this.#apply({ ...event, at: this.#clock.now(), duringBuild: this.#isDuringBuild(this.#session.gathered) } as SessionEvent)
  }

  #apply (event: SessionEvent): void {
    const before = this.#session
    const session = this.#session = next(before, event)
    const waiting = event.type === 'overdue' ? before.waiting?.changed ?? [] : []
    const paths = [...waiting, ...before.gathered, ...event.type === 'change' ? event.paths : []]
    this.#setTimer('due', session.due, before.due)
    this.#setTimer('overdue', overdueAt(session), overdueAt(before))
    if (session.phase === 'aborted' && before.phase !== 'aborted') {
      this.#controller.abort(new Error(session.closed ? 'the app closes' : 'a newer change made this build stale'))
      if (!session.closed) this.#settings.report.stopped(paths)
    }
    if (session.loop.reported && !before.loop.reported) this.#loopPaths = paths
    if (!session.loop.reported) this.#loopDiagnostic = undefined
    if (this.#working === undefined) this.#reportLoop()
    if (session.phase === 'idle' && session.waiting !== undefined) this.#working ??= this.#work()
  }

  /** After the result of the running build, whose `ok` would hide it in tabs. */
  #reportLoop (): void {
    if (this.#loopPaths !== undefined) this.#loopDiagnostic = this.#settings.report.looping(this.#loopPaths)
    this.#loopPaths = undefined
  }

  #isDuringBuild (paths: readonly string[]): boolean {
    const ageOf = this.#settings.ageOf ?? ageOnDisk
    return paths.slice(0, MAX_CHECKED_PATHS).every(path => ranAt(this.#session.loop, this.#clock.now() - ageOf(path)))
  }

  #setTimer (type: 'due' | 'overdue', at: number | undefined, before: number | undefined): void {
    if (at === before) return
    this.#cancelTimers[type]()
    this.#cancelTimers[type] = at === undefined ? () => {} : this.#clock.after(at - this.#clock.now(), () => this.#dispatch({ type }))
  }

  async #work (): Promise<void> {
    while (this.#session.waiting !== undefined && !this.#session.closed) {
      const waiters = this.#waiters.splice(0)
      const result = await this.#run().catch((error: unknown) => this.#fail(error))
      this.#reportLoop()
      if (result === undefined) this.#waiters.unshift(...waiters)
      else for (const resolve of waiters) resolve(result)
    }
    this.#working = undefined
    for (const resolve of this.#onWorked.splice(0)) resolve()
  }

  async #run (): Promise<BuildResult | undefined> {
    this.#controller = new AbortController()
    const { signal } = this.#controller
    setMaxListeners(0, signal)
    this.#dispatch({ type: 'start' })
    const { run, running: { reason, changed, whole } = { reason: 'manual', changed: [], whole: true } } = this.#session
    const { name, builder, cwd, timeout, report, profile = 'development' } = this.#settings
    const request: BuildRequest = { id: `${name}-${++lastId}`, reason, cwd, changed: whole ? [] : changed, incremental: !whole && this.#last.state === 'ok', profile, ...this.#steps.roots && { roots: this.#steps.roots }, ...this.#steps.viewed && { viewed: this.#steps.viewed() } }
    report.started(request)
    const context: BuildContext = {
      signal,
      log: text => report.log(this.#redact.text(String(text))),
      progress: progress => { if (this.#isActive(run)) report.progress(request, progress) },
      ...this.#steps.publish && { publish: async (outputs: readonly string[]) => { if (this.#isActive(run)) await this.#steps.publish?.(outputs) } }
    }
    const build = (): Promise<BuildResult | undefined> => settleBuild(inner => builder.build(request, { ...context, signal: inner }, this.#hookWindow(run)), signal, timeout)
    const outcome = await (TRACE.hasSubscribers ? TRACE.tracePromise(build, { name, ...request }) : build())
    const result = outcome && this.#redact.result(outcome)
    if (result !== undefined) this.#last = statusOf(name, result)
    this.#dispatch({ type: 'settled', stale: result === undefined, ok: result?.ok === true })
    if (result !== undefined) await this.#steps.checkOutputs(result)
    this.#dispatch({ type: 'end' })
    report.ended(request, result)
    if (result !== undefined) this.#steps.finish(result)
    return result
  }

  /** Progress of a build that is stale or over would show pages a build that does not run. */
  #isActive (run: number): boolean {
    const { run: current, phase } = this.#session
    return run === current && (phase === 'hooks' || phase === 'building')
  }

  #hookWindow (run: number): HookWindow {
    const take = (): readonly string[] => {
      const paths = isHookRun(this.#session, run) ? this.#session.gathered : []
      this.#dispatch({ type: 'hooks-changes', run })
      return paths
    }
    return {
      begin: () => this.#dispatch({ type: 'hooks', run }),
      takeChanges: async () => {
        const seen = take()
        await this.#steps.checkSources()
        return [...seen, ...take()]
      },
      end: unseen => this.#dispatch({ type: 'hooks-end', run, unseen })
    }
  }

  /** An error outside of the builder. An unhandled rejection would end the app. */
  #fail (error: unknown): BuildResult {
    const diagnostic = describe(error)
    const result: BuildResult = { ok: false, ms: 0, diagnostics: [diagnostic] }
    this.#last = statusOf(this.#settings.name, result)
    this.#dispatch({ type: 'end' })
    this.#settings.report.log(`the result of the build could not be handled: ${diagnostic.message}`, 'warn')
    return result
  }

  /** What fails beside the builds is logged, and builds go on. */
  async #attempt (what: string, run: () => Promise<void>): Promise<void> {
    await run().catch((error: unknown) => this.#settings.report.log(`${what} of the builder failed: ${describe(error).message}`, 'warn'))
  }
}

function statusOf (name: string, { ok, diagnostics, ms, counts }: BuildResult): BuildStatus {
  return { state: ok ? 'ok' : 'failed', name, diagnostics, ms: Math.round(ms), ...counts && { counts } }
}
