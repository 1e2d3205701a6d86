// Runs tasks in the server itself, for tests and debuggers: nothing is isolated, and nothing can be killed.
import { pathToFileURL } from 'node:url'
import { describe } from '../diagnostics/describe.js'
import { createDeadline, untilAborted } from '../scheduler/deadline.js'
import type { Executor, Task, TaskContext, TaskOptions } from './executor.js'
import { closed, taskError } from './failure.js'
import { defaultExport } from './runner.js'
import { Sources } from './sources/sources.js'

/** Node loads a module once per URL in a process, whichever executor asks. What the module imports stays as it was. */
const versions: string[] = []

export class InlineExecutor implements Executor {
  readonly kind = 'inline'
  readonly #sources = new Sources()
  #closed = false

  async run ({ file, data, through }: Task, { signal, timeout, onLog, onProgress }: TaskOptions = {}): Promise<unknown> {
    if (this.#closed) throw closed()
    const deadline = createDeadline(signal, timeout)
    const context: TaskContext = { signal: deadline.signal, log: text => onLog?.(String(text)), progress: progress => onProgress?.(progress) }
    try {
      return await untilAborted(this.#call(file, through, data, context), deadline.signal)
    } catch (error) {
      signal?.throwIfAborted()
      throw deadline.timedOut ? taskError('TASK_TIMEOUT', `the build did not end within ${timeout} ms and was given up`) : taskError('TASK_THREW', describe(error))
    } finally {
      deadline.clear()
    }
  }

  warm (): void {}

  async close (): Promise<void> {
    this.#closed = true
  }

  async #call (file: string, through: string | undefined, data: unknown, context: TaskContext): Promise<unknown> {
    const run = await this.#load(file)
    return through === undefined ? run(data, context) : defaultExport(through, await import(pathToFileURL(through).href))(run, data, context)
  }

  async #load (file: string): Promise<(...given: unknown[]) => unknown> {
    const version = [...await this.#sources.stamps(file)].join()
    if (!versions.includes(version)) versions.push(version)
    const url = pathToFileURL(file)
    url.searchParams.set('v', String(versions.indexOf(version)))
    return defaultExport(file, await import(url.href))
  }
}
