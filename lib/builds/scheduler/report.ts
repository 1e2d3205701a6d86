// What people hear of a build: lines in the log, messages in tabs, events for the app's own listeners.
import type { FastifyBaseLogger } from 'fastify'
import type { BuildRequest, BuildResult, Diagnostic, Progress } from '../../../types/build.js'
import type { BuildMessage } from '../../../types/message.js'
import type { LiveReloadEvent, LiveReloadEvents } from '../../../types/events.js'
import { shortenPath } from '../../shared/paths.js'
import type { HookEvent } from '../hooks/hook-steps.js'

export interface ReportParts {
  send (message: BuildMessage): void
  emit<E extends LiveReloadEvent> (event: E, data: LiveReloadEvents[E]): void
  readonly log: FastifyBaseLogger
}

/** Warnings of a good build that are logged. */
const MAX_WARNINGS = 5

const ENDS = { ok: 'ended', failed: 'failed', aborted: 'was aborted' } as const

/** People count their sources, and builds make many times more of them. */
function madeOf ({ counts, meta }: BuildResult): string {
  if (counts === undefined) return ''
  const { shards, built } = Object(meta) as { shards?: unknown, built?: unknown }
  const parts = [...typeof shards === 'number' && Array.isArray(built) ? [`${built.length} of ${shards} shards`] : [], `${counts.sources} sources`, `${counts.pages} pages`, `${counts.files} files`]
  return ` (${parts.join(', ')})`
}

export class BuildReport {
  readonly #name: string
  readonly #label: string
  readonly #cwd: string
  readonly #parts: ReportParts

  constructor (name: string, cwd: string, parts: ReportParts) {
    this.#name = name
    this.#label = name === 'build' ? name : `build "${name}"`
    this.#cwd = cwd
    this.#parts = parts
  }

  log (text: string, level: 'info' | 'warn' = 'info'): void {
    this.#parts.log[level](`${this.#label}: ${text}`)
  }

  started ({ id, changed }: BuildRequest): void {
    this.#parts.emit('build:start', { name: this.#name, id, changed })
    this.#send('started')
  }

  /** For those who look for a slow hook. What fails is told with the build. */
  hook ({ kind, name, end }: HookEvent): void {
    const what = `${this.#label}: ${kind} hook ${name}`
    this.#parts.log.debug({ build: this.#name, hook: kind, run: name, ...end }, end === undefined ? `${what} begins` : `${what} ${ENDS[end.outcome]} after ${end.ms} ms`)
  }

  progress ({ id }: BuildRequest, progress: Progress): void {
    this.#parts.emit('build:progress', { name: this.#name, id, progress })
    this.#send('progress', { done: progress.done, total: progress.total })
  }

  /** Without a result the build was aborted. */
  ended ({ id }: BuildRequest, result: BuildResult | undefined): void {
    this.#parts.emit('build:end', { name: this.#name, id, ...(result && { result }) })
    if (result === undefined) return
    const ms = Math.round(result.ms)
    if (result.ok) {
      for (const diagnostic of result.diagnostics.slice(0, MAX_WARNINGS)) this.log(this.#quote(diagnostic), 'warn')
      this.#parts.log.info(`${this.#label} finished in ${ms} ms${madeOf(result)}`)
      return this.#send('ok', { ms })
    }
    const error = result.diagnostics.find(({ severity }) => severity === 'error')
    this.#parts.log.error(`${this.#label} failed after ${ms} ms: ${error === undefined ? 'no reason given' : this.#quote(error)}; ${result.outputKept === true ? 'its output stays as it was' : 'tabs keep what they show'}`)
    this.#send('failed', { diagnostics: result.diagnostics })
  }

  /** The build is stopped, and begins again: these changed, or it was asked for. */
  stopped (paths: readonly string[]): void {
    this.log(paths.length === 0 ? 'begins again, as asked' : `begins again, because ${this.#list(paths)} changed`)
  }

  /** Returns what is wrong with the build. */
  looping (paths: readonly string[]): Diagnostic {
    const files = this.#list(paths)
    const message = `${this.#name === 'build' ? 'the build' : this.#label} changes what it watches (${files}): from now on it runs only every 30 s; let it write elsewhere, or add the path to build.ignore`
    this.#parts.log.error(message)
    const diagnostic: Diagnostic = { severity: 'error', message }
    this.#send('failed', { diagnostics: [diagnostic] })
    return diagnostic
  }

  #list (paths: readonly string[]): string {
    const names = [...new Set(paths)].map(path => shortenPath(this.#cwd, path))
    return names.slice(0, 3).join(', ') + (names.length > 3 ? ` and ${names.length - 3} more` : '')
  }

  #quote ({ message, file, line }: Diagnostic): string {
    return file === undefined ? message : `${message} (${shortenPath(this.#cwd, file)}:${line ?? 1})`
  }

  #send (state: BuildMessage['state'], more: Partial<BuildMessage> = {}): void {
    this.#parts.send({ type: 'build', state, name: this.#name, ...more })
  }
}
