// A child of the pool: loads modules, runs one task at a time, is killed when it does not stop, and says how it ended.
import { deserialize } from 'node:v8'
import type { Diagnostic } from '../../../types/build.js'
import { explainEnding, type Ending } from '../processes/explain.js'
import type { Task, TaskError, TaskOptions } from './executor.js'
import { taskError, unavailable } from './failure.js'
import type { FromChild, ToChild } from './messages.js'
import type { Stamps } from './sources/sources.js'
import { TaskRun, type Outcome } from './task-run.js'

export interface MemberOwner {
  /** The member takes no more tasks, because it is ending. May be called more than once. */
  onLeave (member: Member): void
  /** An error that the running task did not throw. */
  onUncaught (diagnostic: Diagnostic): void
}

/** A child that does not answer an abort in time is in a loop. */
const UNRESPONSIVE_MS = 6
/** A task that answers the abort has this long to end, and keeps its child warm. */
const STOP_GRACE_MS = 150
/** A closed channel is often the first sign of an end that says more. */
const BROKEN_GRACE_MS = 100
/** A child that crashes this soon may do so because of its previous task. */
const EARLY_CRASH_MS = 1_000

export abstract class Member {
  /** Files that the child has loaded, with the stamps they had: a module cannot be unloaded. */
  readonly loaded = new Map<string, string>()
  /** Settles when the child and everything it started have ended. */
  abstract readonly ended: Promise<void>
  /** The last task printed so much that the rest may arrive during the next one. */
  abstract readonly flooded: boolean
  finishedTasks = 0
  /** Memory of the child after its last task, in bytes. */
  rss = 0
  readonly #owner: MemberOwner
  #run: TaskRun | undefined
  #isBroken = false
  /** `Infinity` while it runs. */
  #exitedAt = Infinity

  constructor (owner: MemberOwner) {
    this.#owner = owner
  }

  get busy (): boolean { return this.#run !== undefined }

  load (file: string, stamps: Stamps): void {
    for (const [path, stamp] of stamps) this.loaded.set(path, stamp)
    this.send({ type: 'load', file })
  }

  run (task: Task, stamps: Stamps, options: TaskOptions): Promise<unknown> {
    for (const [path, stamp] of stamps) this.loaded.set(path, stamp)
    const run = this.#run = new TaskRun(task, options, (run, error) => this.#stop(run, error))
    this.begin()
    try {
      this.send({ type: 'run', id: run.id, ...task })
    } catch (error) {
      this.#finish(run, { error: taskError('TASK_RESULT', `what the build is given is not plain data: ${(error as Error).message}`) })
    }
    return run.promise
  }

  /** Asks the child to end, and kills it after a while. */
  abstract stop (): void
  abstract kill (): void
  /** @throws DataCloneError when the message is not plain data. */
  protected abstract send (message: ToChild): void
  /** A task begins: forgets older output, and keeps the server running. */
  protected abstract begin (): void
  /** The task is over: the child no longer keeps the server running. */
  protected abstract rest (): void
  /** The tail of what the task has printed. */
  protected abstract output (): string
  /** Settles when output printed before the result has been read. */
  protected abstract settled (): Promise<void>

  protected onMessage (message: FromChild): void {
    if (message.type === 'uncaught') return this.#onUncaught(message)
    const run = this.#run
    if (run === undefined || run.id !== message.id || run.answered) return
    switch (message.type) {
      case 'aborting': return run.killAfter(STOP_GRACE_MS, () => this.#terminate(run))
      case 'log': return run.options.onLog?.(message.text)
      case 'progress': return run.options.onProgress?.(message.progress)
      default: this.#answer(run, message)
    }
  }

  /** The child has exited; processes it started may still run. */
  protected onExit (): void {
    this.#exitedAt = performance.now()
    this.#owner.onLeave(this)
  }

  /** The channel is closed, or holds something that is no message: the child cannot answer any more. */
  protected onBroken (): void {
    this.#owner.onLeave(this)
    setTimeout(() => {
      if (this.#exitedAt !== Infinity) return
      this.#isBroken = true
      this.kill()
    }, BROKEN_GRACE_MS).unref()
  }

  /** `error` is set when the child could not be started. */
  protected onEnded (kind: 'process' | 'thread', ending: Ending, error?: Error): void {
    const run = this.#run
    if (run === undefined || run.answered) return
    const failure = error === undefined ? crash(ending, this.#isBroken) : unavailable(kind, error)
    // Since then its processes were searched for, which takes a busy machine long.
    this.#finish(run, { error: this.#exitedAt - run.startedAt < EARLY_CRASH_MS ? this.#retryable(failure) : failure })
  }

  #onUncaught ({ id, diagnostic }: FromChild & { type: 'uncaught' }): void {
    this.#owner.onLeave(this)
    const run = this.#run?.answered === true ? undefined : this.#run
    const isOwn = run !== undefined && (id === undefined || id === run.id)
    if (!isOwn) this.#owner.onUncaught(diagnostic)
    if (run !== undefined) this.#finish(run, { error: isOwn ? taskError('TASK_THREW', diagnostic) : this.#retryable(taskError('TASK_CRASHED', diagnostic)) })
  }

  async #answer (run: TaskRun, message: FromChild & { type: 'result' | 'failed' }): Promise<void> {
    run.answered = true
    this.rss = message.rss
    this.finishedTasks++
    await this.settled()
    this.#finish(run, message.type === 'failed' ? { error: failureOf(message, run.task.file) } : { value: deserialize(message.bytes) })
  }

  #stop (run: TaskRun, error: unknown): void {
    run.stopReason ??= { error }
    if (run.answered) return this.#finish(run, { error })
    this.send({ type: 'abort', id: run.id })
    run.killAfter(UNRESPONSIVE_MS, () => this.#terminate(run))
  }

  #terminate (run: TaskRun): void {
    this.#owner.onLeave(this)
    this.kill()
    this.#finish(run, run.stopReason as Outcome)
  }

  #finish (run: TaskRun, outcome: Outcome): void {
    if (this.#run !== run) return
    this.#run = undefined
    this.rest()
    const output = this.output()
    if (output !== '') run.options.onOutput?.(output)
    run.settle(run.stopReason ?? outcome)
  }

  /** An earlier task of this child may be to blame: the task deserves another child. */
  #retryable (error: TaskError): TaskError {
    return this.finishedTasks > 0 ? Object.assign(error, { retryable: true }) : error
  }
}

/** `wasKilled`: for its channel. One with an exit code was ending by itself, and a busy machine took long to say so. */
function crash ({ output, ...exit }: Ending, wasKilled: boolean): TaskError {
  const isBroken = wasKilled && exit.code === null
  const how = isBroken ? 'closed or broke its channel to the server, and was stopped' : explainEnding({ output, ...exit })
  const tail = output.trimEnd().split('\n').slice(-8).join('\n')
  const message = `the build ${exit.code === 0 && !isBroken ? 'ended its process (exit code 0) without a result' : how}`
  return taskError('TASK_CRASHED', tail === '' ? message : `${message}\n${tail}`, { exitCode: exit.code, exitSignal: exit.signal })
}

const NO_TYPESCRIPT = 'This Node does not run TypeScript by itself: use Node 22.18 or newer, install tsx beside the app (npm install --save-dev tsx), or point to a JavaScript file.'

function failureOf ({ code, diagnostic, reason }: FromChild & { type: 'failed' }, file: string): TaskError {
  const hint = reason === 'typescript' && /\.[cm]?tsx?$/.test(file) ? `\n${NO_TYPESCRIPT}` : ''
  return taskError(code, { ...diagnostic, message: `${diagnostic.message}${hint}` }, { isSyntaxError: reason === 'syntax', isLoadError: reason !== undefined })
}
