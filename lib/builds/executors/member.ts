// One child's conversation: loads, runs a task, is stopped when it does not listen, and says how it ended.
import { randomBytes } from 'node:crypto'
import { readFile, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { deserialize } from 'node:v8'
import type { Diagnostic } from '../../../types/build.js'
import type { Task, TaskError, TaskOptions } from './executor.js'
import { explainEnding, type Ending } from '../processes/explain.js'
import { innocent, taskError, unavailable } from './failure.js'
import { readMessage, type FromChild } from './messages.js'
import type { Transport } from './peer.js'
import type { Stamps } from './sources.js'

export interface Member {
  readonly busy: boolean
  /** Finished tasks. */
  readonly tasks: number
  /** Has printed so much that it is of no more use. */
  readonly flooded: boolean
  /** Bytes, as of the last task. */
  readonly rss: number
  /** Files it has loaded, with the stamp they had: a module can not be unloaded. */
  readonly loaded: ReadonlyMap<string, string>
  load (file: string, stamps: Stamps): void
  run (task: Task, stamps: Stamps, options: TaskOptions): Promise<unknown>
  /** Ends politely. */
  stop (): void
  kill (): void
}

export interface MemberParts {
  readonly transport: Transport
  /** Where large results are passed. */
  readonly dir: string
  /** Something was thrown that no task is to be blamed for. */
  stray (diagnostic: Diagnostic): void
  /** It will end: nothing more may be given to it. */
  leaving (member: Member): void
  /** It is gone. `idle` when no task was running. */
  ended (member: Member, idle: boolean): void
}

/** A task that does not answer an abort within this loops, and is killed: its module's own clean-up could not run anyway. */
const ANSWER = 6
/** A task that answered has so long to end by itself, and its child stays warm. */
const GRACE = 150
/** Nothing is waited for longer than this after an abort. */
const LAST = 230
/** A closed channel is often the first sign of an end; the end itself says more. */
const BROKEN = 100
/** A child that worked before and ends this soon may do so because of an earlier task. */
const EARLY = 1_000

interface Current {
  readonly id: number
  readonly file: string
  readonly start: number
  stopped?: { readonly reason: unknown }
  /** Its result is here, and told as soon as what it printed is read: what happens to the child now is not its doing. */
  answered?: true
  readonly timers: NodeJS.Timeout[]
  settle (outcome: { value: unknown } | { error: unknown }): void
  readonly options: TaskOptions
}

let lastId = 0

/** @throws when the system refuses at once. */
export function createMember ({ transport, dir, stray, leaving, ended }: MemberParts): Member {
  const nonce = randomBytes(16).toString('hex')
  let current: Current | undefined
  let broken = false
  let tasks = 0
  let rss = 0
  const loaded = new Map<string, string>()

  const peer = transport.start({
    message (value) {
      const message = readMessage(value, nonce)
      if (message === undefined) return events.broken()
      receive(message)
    },
    broken: () => events.broken(),
    ended (ending, error) {
      const idle = current === undefined
      if (current !== undefined && !current.answered) {
        const failure = endingError(ending, error, broken)
        const early = tasks > 0 && performance.now() - current.start < EARLY
        finish(current, { error: current.stopped?.reason ?? (early ? innocent(failure) : failure) })
      }
      ended(member, idle)
    }
  })
  peer.send({ type: 'init', nonce, dir })
  const events = {
    broken () {
      leaving(member)
      setTimeout(() => {
        broken = true
        peer.kill()
      }, BROKEN).unref()
    }
  }

  function receive (message: FromChild): void {
    if (message.type === 'stray') {
      const waiting = current?.answered ? undefined : current
      const mine = waiting !== undefined && (message.id === undefined || message.id === waiting.id)
      leaving(member)
      if (!mine) stray(message.diagnostic)
      if (waiting === undefined) return
      const error = mine ? taskError('TASK_THREW', message.diagnostic) : innocent(taskError('TASK_CRASHED', message.diagnostic))
      finish(waiting, { error: waiting.stopped?.reason ?? error })
      return
    }
    const task = current
    if (task === undefined || task.id !== message.id || task.answered) return
    switch (message.type) {
      case 'aborting': return clearTimeout(task.timers.shift())
      case 'log': return task.options.onLog?.(message.text)
      case 'progress': return task.options.onProgress?.(message.progress)
      default:
        task.answered = true
        rss = message.rss
        tasks++
        // What was printed before the result may still be on its way.
        peer.quiet().then(() => answer(task, message))
    }
  }

  async function answer (task: Current, message: FromChild & { type: 'result' | 'failed' }): Promise<void> {
    if (task.stopped !== undefined) return finish(task, { error: task.stopped.reason })
    if (message.type === 'failed') return finish(task, { error: failureOf(message, task.file) })
    try {
      finish(task, { value: await readValue(message, dir) })
    } catch {
      finish(task, { error: taskError('TASK_RESULT', 'the result of the build can not be read') })
    }
  }

  function finish (task: Current, outcome: { value: unknown } | { error: unknown }): void {
    if (current !== task) return
    current = undefined
    peer.unref()
    const printed = peer.printed()
    if (printed !== '') task.options.onOutput?.(printed)
    task.settle(outcome)
  }

  function stop (task: Current, reason: unknown): void {
    if (task.stopped !== undefined || current !== task) return
    task.stopped = { reason }
    peer.send({ type: 'abort', id: task.id })
    task.timers.push(
      setTimeout(peer.kill, ANSWER),
      setTimeout(peer.kill, GRACE),
      setTimeout(() => finish(task, { error: reason }), LAST)
    )
  }

  const member: Member = {
    get busy () { return current !== undefined },
    get tasks () { return tasks },
    get rss () { return rss },
    get flooded () { return peer.flooded },
    get loaded () { return loaded },

    load (file, stamps) {
      for (const [path, stamp] of stamps) loaded.set(path, stamp)
      peer.send({ type: 'load', file })
    },

    run (task, stamps, options) {
      const { signal, timeout } = options
      return new Promise((resolve, reject) => {
        const id = ++lastId
        const late = timeout === undefined
          ? undefined
          : setTimeout(() => stop(mine, taskError('TASK_TIMEOUT', `the build did not end within ${timeout} ms and was stopped`)), timeout)
        const abort = () => stop(mine, signal?.reason)
        const mine: Current = {
          id,
          file: task.file,
          start: performance.now(),
          options,
          timers: [],
          settle (outcome) {
            clearTimeout(late)
            mine.timers.forEach(clearTimeout)
            signal?.removeEventListener('abort', abort)
            if ('value' in outcome) resolve(outcome.value)
            else reject(outcome.error)
          }
        }
        current = mine
        for (const [path, stamp] of stamps) loaded.set(path, stamp)
        peer.ref()
        peer.reset()
        signal?.addEventListener('abort', abort, { once: true })
        try {
          peer.send({ type: 'run', id, file: task.file, data: task.data })
        } catch (error) {
          finish(mine, { error: taskError('TASK_RESULT', `what the build is given is no plain data: ${(error as Error).message}`) })
        }
      })
    },

    stop: () => peer.stop(),
    kill: () => peer.kill()
  }
  return member
}

function endingError (ending: Ending, error: Error | undefined, broken: boolean): TaskError {
  if (error !== undefined) return unavailable('process', error)
  const how = broken ? 'closed or broke its channel to the server, and was stopped' : explainEnding(ending)
  const tail = ending.output.trimEnd().split('\n').slice(-8).join('\n')
  const message = `the build ${ending.code === 0 && !broken ? 'ended its process (exit code 0) without a result' : how}`
  return taskError('TASK_CRASHED', tail === '' ? message : `${message}\n${tail}`, { exitCode: ending.code, exitSignal: ending.signal })
}

function failureOf ({ code, diagnostic, extension, syntax }: FromChild & { type: 'failed' }, file: string): TaskError {
  const error = taskError(code, extension === true && /\.[cm]?tsx?$/.test(file) ? { ...diagnostic, message: `${diagnostic.message}\n${NO_TYPESCRIPT}` } : diagnostic)
  return syntax === true ? Object.assign(error, { syntax: true }) : error
}

const NO_TYPESCRIPT = 'This Node does not run TypeScript by itself: use Node 22.18 or newer, install tsx beside the app (npm install --save-dev tsx), or point to a JavaScript file.'

async function readValue (message: FromChild & { type: 'result' }, dir: string): Promise<unknown> {
  if (message.bytes !== undefined) return deserialize(message.bytes)
  const path = String(message.path)
  if (dirname(path) !== dir) throw new Error('not a result of ours')
  const bytes = await readFile(path)
  await rm(path, { force: true })
  return deserialize(bytes)
}
