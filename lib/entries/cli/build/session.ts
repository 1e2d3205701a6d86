// The builds of one call: the same hooks, time limits and builders as in a server, by the same scheduler, once.
import type { BuildProfile, BuildResult, Progress } from '../../../../types/build.js'
import { toBuilder } from '../../../builds/builders/steps.js'
import { withHooks } from '../../../builds/hooks/hooks.js'
import { Scheduler, type BuildSteps } from '../../../builds/scheduler/scheduler.js'
import type { BuildSettings } from '../../../options/settings.js'

/** How the build of one pipeline ended. Without a result it was aborted. */
export interface Outcome {
  readonly name: string
  readonly result?: BuildResult
}

/** Hears of the builds. */
export interface Listener {
  started (name: string): void
  log (name: string, text: string): void
  progress (name: string, progress: Progress): void
  ended (outcome: Outcome): void
}

export interface SessionOptions {
  readonly cwd: string
  readonly profile: BuildProfile
  /** The first build that fails stops the others. */
  readonly failFast: boolean
}

/** Nothing is watched and nothing is served, so there is nothing to compare. */
const nothing = async (): Promise<void> => {}
const STEPS: BuildSteps = { checkSources: nothing, checkOutputs: nothing, finish: nothing }

export class BuildSession {
  readonly #schedulers: readonly Scheduler[]
  readonly #outcomes: Outcome[] = []
  #closing: Promise<unknown> | undefined

  constructor (builds: readonly BuildSettings[], options: SessionOptions, listener: Listener) {
    this.#schedulers = builds.map(build => this.#schedule(build, options, listener))
  }

  /** Settles when all builds have ended and their builders are closed. `ok`: all of them are good. */
  async run (): Promise<{ readonly ok: boolean, readonly outcomes: readonly Outcome[] }> {
    // A builder may wait for something that keeps no process alive.
    const keepAlive = setInterval(() => {}, 2 ** 30)
    const results = await Promise.all(this.#schedulers.map(scheduler => scheduler.request('manual')))
    await this.close()
    clearInterval(keepAlive)
    return { ok: results.every(({ ok }) => ok), outcomes: this.#outcomes }
  }

  /** Aborts what runs. */
  close (): Promise<unknown> {
    this.#closing ??= Promise.all(this.#schedulers.map(scheduler => scheduler.close()))
    return this.#closing
  }

  #schedule ({ name, builder, hooks, timeout }: BuildSettings, { cwd, profile, failFast }: SessionOptions, listener: Listener): Scheduler {
    return new Scheduler({
      name,
      builder: withHooks(toBuilder(builder, name), hooks),
      cwd,
      timeout,
      profile,
      report: {
        log: text => listener.log(name, text),
        started: () => listener.started(name),
        progress: (_request, progress) => listener.progress(name, progress),
        ended: (_request, result) => {
          const outcome = { name, ...result !== undefined && { result } }
          this.#outcomes.push(outcome)
          listener.ended(outcome)
          if (failFast && result?.ok === false) this.close()
        },
        // Without a watch nothing changes during a build.
        stopped: () => {},
        looping: () => undefined
      }
    }, STEPS)
  }
}
