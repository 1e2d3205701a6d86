// Tasks in the server itself, for tests and debuggers: nothing is isolated, nothing is killed.
import { pathToFileURL } from 'node:url'
import type { Executor, TaskContext } from './executor.js'
import { createDeadline, untilAborted } from '../scheduler/deadline.js'
import { describe } from '../diagnostics/describe.js'
import { taskError } from './failure.js'
import { createSlots } from './slots.js'
import { createSources } from './sources.js'

export function inlineExecutor ({ size = 1 }: { size?: number } = {}): Executor {
  const slots = createSlots(size)
  const sources = createSources()
  const versions: string[] = []
  const closed = () => taskError('EXECUTOR_CLOSED', 'not built: the app closes')

  async function call (file: string, data: unknown, context: TaskContext): Promise<unknown> {
    const version = [...await sources.stamps(file)].join()
    if (!versions.includes(version)) versions.push(version)
    const url = pathToFileURL(file)
    // A module is loaded once for each address; what it imports stays as it was.
    url.searchParams.set('v', String(versions.indexOf(version)))
    const module = await import(url.href) as { default?: unknown }
    if (typeof module.default !== 'function') throw new Error(`${file} has no default export that is a function (request, { signal, progress, log })`)
    return (module.default as (data: unknown, context: TaskContext) => unknown)(data, context)
  }

  return {
    kind: 'inline',
    size,
    async run ({ file, data }, { signal, timeout, onLog, onProgress } = {}) {
      const free = await slots.take(signal)
      const deadline = createDeadline(signal, timeout)
      const context: TaskContext = { signal: deadline.signal, log: text => onLog?.(String(text)), progress: progress => onProgress?.(progress) }
      return untilAborted(call(file, data, context), deadline.signal).catch(error => {
        signal?.throwIfAborted()
        throw deadline.timedOut ? taskError('TASK_TIMEOUT', `the build did not end within ${timeout} ms and was given up`) : taskError('TASK_THREW', describe(error))
      }).finally(() => {
        deadline.clear()
        free()
      })
    },
    warm () {},
    async close () { slots.close(closed) }
  }
}
