// All build pipelines of an app, by name.
import type { BuildResult } from '../../types/build.js'
import type { BuildStatus } from '../../types/message.js'
import { errors } from '../errors.js'
import type { BuildSettings } from '../options/settings.js'
import type { Clock } from '../shared/clock.js'
import { toBuilder } from './builders/steps.js'
import { withHooks } from './hooks/hooks.js'
import type { Run } from './scheduler/loop-detection.js'
import { BuildReport, type ReportParts } from './scheduler/report.js'
import type { SourceChange } from './scheduler/own-files.js'
import { Scheduler, type BuildSteps } from './scheduler/scheduler.js'

export class Builds {
  readonly #schedulers = new Map<string, Scheduler>()
  readonly #cwd: string
  readonly #parts: ReportParts & { readonly clock?: Clock }

  constructor (cwd: string, parts: ReportParts & { readonly clock?: Clock }) {
    this.#cwd = cwd
    this.#parts = parts
  }

  get size (): number {
    return this.#schedulers.size
  }

  add ({ name, builder, hooks, timeout }: BuildSettings, steps: BuildSteps): void {
    const report = new BuildReport(name, this.#cwd, this.#parts)
    const hooked = withHooks(toBuilder(builder, name), hooks, event => report.hook(event))
    const scheduler = new Scheduler({ name, builder: hooked, cwd: this.#cwd, timeout, report, clock: this.#parts.clock }, steps)
    this.#schedulers.set(name, scheduler)
  }

  /** Sources of the build changed. */
  schedule (name: string, changes: readonly SourceChange[]): void {
    this.#schedulers.get(name)?.change(changes)
  }

  /** Prepares the builders, so that their first builds start sooner. */
  warm (): void {
    for (const scheduler of this.#schedulers.values()) scheduler.warm()
  }

  /** Runs the build of this name, or all of them. @throws FST_LIVE_RELOAD_NO_SUCH_BUILD */
  async request (reason: 'start' | 'manual', name?: string): Promise<BuildResult[]> {
    const chosen = [...this.#schedulers].filter(([each]) => name === undefined || each === name)
    if (name !== undefined && chosen.length === 0) throw new errors.FST_LIVE_RELOAD_NO_SUCH_BUILD(name, [...this.#schedulers.keys()].join(', ') || 'none')
    return Promise.all(chosen.map(([, scheduler]) => scheduler.request(reason)))
  }

  /** Names of the builds that may be writing outputs now. */
  running (): string[] {
    const names: string[] = []
    for (const [name, scheduler] of this.#schedulers) if (scheduler.writingSince !== undefined) names.push(name)
    return names
  }

  /** Since when builds may have been writing outputs, by the clock. Infinite when none runs. */
  get writingSince (): number {
    return Math.min(...[...this.#schedulers.values()].map(scheduler => scheduler.writingSince ?? Infinity))
  }

  /** The running build of this name, or the last one. */
  lastRun (name: string): Run {
    return (this.#schedulers.get(name) as Scheduler).lastRun
  }

  status (): Record<string, BuildStatus> {
    return Object.fromEntries([...this.#schedulers].map(([name, scheduler]) => [name, scheduler.status()]))
  }

  /** Settles when no build runs, and none is to follow what has changed. */
  async settled (): Promise<void> {
    await Promise.all([...this.#schedulers.values()].map(scheduler => scheduler.settled()))
  }

  async close (): Promise<void> {
    await Promise.all([...this.#schedulers.values()].map(scheduler => scheduler.close()))
  }
}
