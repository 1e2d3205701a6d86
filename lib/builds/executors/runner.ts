// The child's half, the same in a process and in a thread: loads modules, runs one task at a time, answers.
import { AsyncLocalStorage } from 'node:async_hooks'
import { pathToFileURL } from 'node:url'
import { serialize } from 'node:v8'
import type { Progress } from '../../../types/build.js'
import { describe } from '../diagnostics/describe.js'
import type { TaskContext } from './executor.js'
import type { FromChild, ToChild } from './messages.js'

export interface Port {
  /** `onSent` is called when the message has left. */
  send (message: FromChild, onSent?: () => void): void
  /** Settles when everything printed before is on its way. */
  flush (): Promise<unknown>
}

type Run = (...given: unknown[]) => unknown
type RunMessage = ToChild & { type: 'run' }

const MAX_RESULT_BYTES = 16 * 1024 * 1024
/** A task that logs in a loop would fill the server's memory. */
const MAX_LOG_LINES = 1_000
const MAX_LOG_LINE_CHARACTERS = 8_192
const PROGRESS_INTERVAL_MS = 40
const EXIT_TIMEOUT_MS = 100

export class Runner {
  readonly #port: Port
  /** The task that a timer or promise belongs to: an error it throws late must not fail the next task. */
  readonly #owner = new AsyncLocalStorage<string>()
  #current: { id: string, controller: AbortController } | undefined

  constructor (port: Port) {
    this.#port = port
    process.on('uncaughtException', error => {
      const exit = () => process.exit(1)
      setTimeout(exit, EXIT_TIMEOUT_MS)
      port.send({ type: 'uncaught', id: this.#owner.getStore(), diagnostic: describe(error) }, exit)
    })
  }

  receive (message: ToChild): void {
    if (message.type === 'run') this.#run(message)
    // The task that needs the module reports what is wrong with it.
    else if (message.type === 'load') load(message.file).catch(() => {})
    else if (this.#current?.id === message.id) {
      this.#port.send({ type: 'aborting', id: message.id })
      this.#current.controller.abort(new Error('the build was stopped'))
    }
  }

  async #run (task: RunMessage): Promise<void> {
    const { id } = task
    const controller = new AbortController()
    this.#current = { id, controller }
    const answer = await this.#answer(task, controller.signal)
    await this.#port.flush()
    this.#port.send({ ...answer, id, rss: process.memoryUsage.rss() } as FromChild)
    this.#current = undefined
  }

  async #answer ({ id, file, data, through }: RunMessage, signal: AbortSignal): Promise<object> {
    let run: Run | undefined
    try {
      run = await load(file)
      const call = through === undefined ? run : (await load(through)).bind(undefined, run)
      const value = await this.#owner.run(id, call, data, this.#contextOf(id, signal))
      return pack(value)
    } catch (error) {
      const reason = run !== undefined ? undefined : error instanceof SyntaxError ? 'syntax' : Object(error).code === 'ERR_UNKNOWN_FILE_EXTENSION' ? 'typescript' : 'load'
      return { type: 'failed', code: 'TASK_THREW', diagnostic: describe(error), reason }
    }
  }

  #contextOf (id: string, signal: AbortSignal): TaskContext {
    let lines = 0
    let sentAt = 0
    let pending: Progress | undefined
    const sendProgress = () => {
      if (pending !== undefined && this.#current?.id === id) this.#port.send({ type: 'progress', id, progress: pending })
      pending = undefined
      sentAt = performance.now()
    }
    return {
      signal,
      log: text => {
        lines++
        if (lines <= MAX_LOG_LINES) this.#port.send({ type: 'log', id, text: String(text).slice(0, MAX_LOG_LINE_CHARACTERS) })
        else if (lines === MAX_LOG_LINES + 1) this.#port.send({ type: 'log', id, text: `more than ${MAX_LOG_LINES} lines: the rest of this build is not logged` })
      },
      progress: progress => {
        const isScheduled = pending !== undefined
        pending = copyProgress(progress)
        if (performance.now() - sentAt >= PROGRESS_INTERVAL_MS) sendProgress()
        else if (!isScheduled) setTimeout(sendProgress, PROGRESS_INTERVAL_MS).unref()
      }
    }
  }
}

async function load (file: string): Promise<Run> {
  return defaultExport(file, await import(pathToFileURL(file).href))
}

/** @throws when it is not a function. */
export function defaultExport (file: string, module: { default?: unknown }): Run {
  // A CommonJS module compiled from ESM has its default export one level deeper.
  const found = typeof module.default === 'function' ? module.default : Object(module.default).default
  if (typeof found !== 'function') throw new Error(`${file} has no default export that is a function (request, { signal, progress, log })`)
  return found
}

function pack (value: unknown): object {
  const refuse = (message: string) => ({ type: 'failed', code: 'TASK_RESULT', diagnostic: { severity: 'error', message } })
  try {
    const bytes = serialize(value)
    const mib = (count: number) => Math.round(count / 1024 / 1024)
    return bytes.length <= MAX_RESULT_BYTES ? { type: 'result', bytes } : refuse(`the result is too large: ${mib(bytes.length)} MiB, at most ${mib(MAX_RESULT_BYTES)}; write files and give their paths`)
  } catch (error) {
    return refuse(`the result is not plain data: ${describe(error).message}`)
  }
}

function copyProgress ({ label, done, total, shard }: Progress): Progress {
  return { label: String(label).slice(0, 200), done: Number(done), total: Number(total), ...shard !== undefined && { shard: String(shard).slice(0, 200) } }
}
