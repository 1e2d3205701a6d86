// The child's half, the same in a process and in a thread: loads modules, runs tasks one at a time, answers.
import { AsyncLocalStorage } from 'node:async_hooks'
import { randomUUID } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { serialize } from 'node:v8'
import type { Diagnostic, Progress } from '../../../types/build.js'
import type { TaskContext } from './executor.js'
import { describe } from '../diagnostics/describe.js'
import { MAX_MESSAGE, MAX_RESULT, type FromChild, type ToChild } from './messages.js'

export interface Port {
  /** `sent` is called when the message has left. */
  send (message: object, sent?: () => void): void
  /** Settles when what was printed before is on its way, too. */
  printed (): Promise<unknown>
  exit (code: number): void
}

type Run = (data: unknown, context: TaskContext) => unknown

/** Lines of one task that reach the server; a task in a loop would fill its memory. */
const MAX_LINES = 1_000
const MAX_LINE = 8_192
/** Between two progress messages. */
const PROGRESS_EVERY = 40

export function serve (port: Port): (message: ToChild) => void {
  // Which task a timer or a promise belongs to: one that throws late must not be blamed on the next task.
  const running = new AsyncLocalStorage<number>()
  let nonce = ''
  let dir = ''
  let current: { id: number, controller: AbortController } | undefined

  function answer (message: FromChild, sent?: () => void): void {
    port.send({ ...message, nonce }, sent)
  }

  async function run (id: number, file: string, data: unknown): Promise<void> {
    const controller = new AbortController()
    current = { id, controller }
    let loaded = false
    try {
      const task = await load(file)
      loaded = true
      const value = await running.run(id, () => task(data, contextOf(id, controller.signal)))
      const packed = pack(value, dir)
      await port.printed()
      answer({ type: 'result', id, rss: process.memoryUsage.rss(), ...packed })
    } catch (error) {
      const refused = error instanceof NotSendable
      const code = refused ? 'TASK_RESULT' : 'TASK_THREW'
      // The place where it was refused is ours, not the build's.
      const diagnostic: Diagnostic = refused ? { severity: 'error', message: error.message } : describe(error)
      const flags = loaded ? {} : { extension: (error as { code?: unknown } | null)?.code === 'ERR_UNKNOWN_FILE_EXTENSION', syntax: error instanceof SyntaxError }
      await port.printed()
      answer({ type: 'failed', id, rss: process.memoryUsage.rss(), code, diagnostic, ...flags })
    }
    current = undefined
  }

  function contextOf (id: number, signal: AbortSignal): TaskContext {
    let lines = 0
    let last = 0
    let pending: Progress | undefined
    const tell = () => {
      if (pending !== undefined && current?.id === id) answer({ type: 'progress', id, progress: pending })
      pending = undefined
      last = performance.now()
    }
    return {
      signal,
      log (text) {
        lines++
        if (lines <= MAX_LINES) answer({ type: 'log', id, text: String(text).slice(0, MAX_LINE) })
        else if (lines === MAX_LINES + 1) answer({ type: 'log', id, text: `more than ${MAX_LINES} lines: the rest of this build is not logged` })
      },
      progress (progress) {
        const waits = pending !== undefined
        pending = progressOf(progress)
        if (performance.now() - last >= PROGRESS_EVERY) tell()
        else if (!waits) setTimeout(tell, PROGRESS_EVERY).unref()
      }
    }
  }

  function stray (error: unknown): void {
    setTimeout(() => port.exit(1), 100)
    answer({ type: 'stray', id: running.getStore(), diagnostic: describe(error) }, () => port.exit(1))
  }
  process.on('uncaughtException', stray)

  return message => {
    switch (message.type) {
      case 'init':
        nonce = message.nonce
        dir = message.dir
        return
      case 'load':
        // What is wrong with it is told by the task that needs it.
        load(message.file).catch(() => {})
        return
      case 'run':
        run(message.id, message.file, message.data)
        return
      case 'abort':
        if (current?.id !== message.id) return
        answer({ type: 'aborting', id: message.id })
        current.controller.abort(new Error('the build was stopped'))
    }
  }
}

async function load (file: string): Promise<Run> {
  const module = await import(pathToFileURL(file).href) as { default?: unknown }
  // A CommonJS module compiled from ESM has its default one deeper.
  const found = typeof module.default === 'function' ? module.default : (module.default as { default?: unknown } | undefined)?.default
  if (typeof found !== 'function') throw new Error(`${file} has no default export that is a function (request, { signal, progress, log })`)
  return found as Run
}

class NotSendable extends Error {}

function pack (value: unknown, dir: string): { bytes: Uint8Array } | { path: string } {
  let bytes: Buffer
  try {
    bytes = serialize(value)
  } catch (error) {
    throw new NotSendable(`the result is no plain data: ${describe(error).message}`)
  }
  if (bytes.length > MAX_RESULT) throw new NotSendable(`the result is too large: ${Math.round(bytes.length / 1024 / 1024)} MiB, at most ${MAX_RESULT / 1024 / 1024}; write files and give their paths`)
  if (bytes.length <= MAX_MESSAGE) return { bytes }
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const path = join(dir, randomUUID())
  writeFileSync(path, bytes, { mode: 0o600 })
  return { path }
}

function progressOf ({ label, done, total }: Progress): Progress {
  return { label: String(label).slice(0, 200), done: Number(done), total: Number(total) }
}
