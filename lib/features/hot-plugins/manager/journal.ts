// Says what happened to plugins: log lines, events, problems on pages, reloads of tabs, and the list that `plugins.log` shows.
import type { FastifyBaseLogger } from 'fastify'
import type { Diagnostic } from '../../../../types/build.js'
import type { HotPluginLogEntry } from '../../../../types/hot-plugins.js'
import type { LiveReload, Undo } from '../../../../types/live-reload.js'
import { shortenPath } from '../../../shared/paths.js'
import type { Unit } from '../swap/unit.js'

export interface Attempt {
  /** Absolute paths; empty when somebody asked for it. */
  readonly changed: readonly string[]
  /** `performance.now()` when it began. */
  readonly startedAt: number
}

type Event = HotPluginLogEntry['event']

export class Journal {
  readonly #live: LiveReload
  readonly #log: FastifyBaseLogger
  readonly #cwd: string
  readonly #limit: number
  readonly #reports = new Map<string, Undo>()
  #entries: HotPluginLogEntry[] = []

  constructor (parts: { live: LiveReload, log: FastifyBaseLogger, cwd: string, limit: number }) {
    this.#live = parts.live
    this.#log = parts.log
    this.#cwd = parts.cwd
    this.#limit = parts.limit
  }

  get entries (): readonly HotPluginLogEntry[] { return this.#entries }

  begin (unit: Unit): void {
    this.#log.info(`reloading ${unit.name}`)
  }

  /** Its first version serves, since the app is ready: no page knows anything else. */
  load (unit: Unit, attempt: Attempt): void {
    const { ms, version } = this.#add(unit, 'loaded', attempt)
    this.#log.debug(`loaded ${unit.name} v${version} in ${Math.round(ms)} ms`)
  }

  /** A version of it serves. */
  succeed (unit: Unit, event: 'loaded' | 'reloaded', attempt: Attempt): void {
    const version = unit.current?.number ?? 0
    const entry = this.#add(unit, event, attempt)
    this.#log.info(`${event} ${unit.name} v${version} in ${Math.round(entry.ms)} ms`)
    this.#clear(unit)
    this.#publish(unit, entry, attempt)
  }

  fail (unit: Unit, attempt: Attempt, diagnostics: readonly [Diagnostic, ...Diagnostic[]]): void {
    const [error] = diagnostics
    const version = unit.current?.number ?? 0
    const entry = this.#add(unit, 'failed', attempt, error)
    const place = error.file === undefined ? '' : ` (${[shortenPath(this.#cwd, error.file), error.line, error.column].filter(part => part !== undefined).join(':')})`
    this.#log.error({ hotPlugin: unit.name, ...error.stack !== undefined && { stack: error.stack } },
      `${unit.name} failed: ${error.message}${place}; ${version === 0 ? 'it does not serve' : `v${version} goes on serving`}, the next change tries again`)
    this.#reports.set(unit.name, this.#live.report(`plugin ${unit.name}`, diagnostics))
    this.#live.emit('plugin:fail', { name: unit.name, version, ms: entry.ms, changed: entry.changed, diagnostics })
  }

  /** It serves no more. */
  end (unit: Unit, event: 'removed' | 'disabled', attempt: Attempt): void {
    const entry = this.#add(unit, event, attempt)
    this.#log.info(`${event} ${unit.name}`)
    this.#clear(unit)
    this.#publish(unit, entry, attempt)
  }

  warn (text: string): void {
    this.#log.warn(text)
  }

  error (err: unknown, text: string): void {
    this.#log.error({ err }, text)
  }

  #publish (unit: Unit, { ms, changed }: HotPluginLogEntry, attempt: Attempt): void {
    const urls = unit.pages.paths()
    this.#live.emit('plugin:reload', { name: unit.name, version: unit.current?.number ?? 0, ms, changed, ...urls !== undefined && { urls } })
    // No page has used it.
    if (urls?.length === 0) return
    this.#live.reload({ paths: attempt.changed, ...urls !== undefined && { urls } })
  }

  #clear (unit: Unit): void {
    this.#reports.get(unit.name)?.()
    this.#reports.delete(unit.name)
  }

  #add (unit: Unit, event: Event, { changed, startedAt }: Attempt, error?: Diagnostic): HotPluginLogEntry {
    const entry = {
      at: Date.now(),
      name: unit.name,
      event,
      version: unit.current?.number ?? 0,
      changed: changed.map(path => shortenPath(this.#cwd, path)),
      ms: performance.now() - startedAt,
      ...error !== undefined && { error }
    }
    this.#entries = this.#limit === 0 ? [] : [...this.#entries, entry].slice(-this.#limit)
    return entry
  }
}
