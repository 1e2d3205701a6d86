// A real watch on real files, and what it told.
import { readFileSync } from 'node:fs'
import type { FastifyBaseLogger } from 'fastify'
import type { Change } from '../../types/change.js'
import { BACKEND_CHOICES } from '../../lib/options/backends.js'
import { createWatch } from '../../lib/watch/watch.js'
import type { WatchSettings } from '../../lib/watch/watch-settings.js'
import { until } from '../support/wait.js'

export interface Line { readonly level: string, readonly text: string }

/** A logger that keeps its lines. */
export function lines (): { log: FastifyBaseLogger, lines: Line[] } {
  const kept: Line[] = []
  const keep = (level: string) => (...given: unknown[]) => { kept.push({ level, text: given.map(each => typeof each === 'string' ? each : JSON.stringify(each)).join(' ') }) }
  const log = { child: () => log, level: 'info' } as unknown as FastifyBaseLogger
  for (const level of ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const) log[level] = keep(level) as never
  return { log, lines: kept }
}

export interface Batch { readonly at: number, readonly changes: readonly Change[], readonly texts: ReadonlyMap<string, string> }

/** Every backend. */
export const backends = BACKEND_CHOICES.filter(choice => choice !== 'auto')

export function watching (t: { teardown (fn: () => unknown): void }, roots: string | readonly string[], settings: Partial<WatchSettings> = {}, told?: (changes: readonly Change[]) => void, tools?: Parameters<typeof createWatch>[3]) {
  const { log, lines: logged } = lines()
  const batches: Batch[] = []
  const watch = createWatch({
    name: 'test', roots: [roots].flat(), ignore: [], exclude: [], gitignore: true, backend: 'auto', pollInterval: 50, debounce: 0, ...settings
  }, changes => {
    const texts = new Map<string, string>()
    for (const { path } of changes) {
      try {
        texts.set(path, changes.length < 20 ? readFileSync(path, 'utf8') : '')
      } catch {
        texts.set(path, '(gone)')
      }
    }
    batches.push({ at: performance.now(), changes, texts })
    told?.(changes)
  }, log, tools)
  t.teardown(() => watch.close())
  const all = () => batches.flatMap(batch => batch.changes)
  return {
    watch,
    batches,
    lines: logged,
    log,
    all,
    /** The last thing told about a path. */
    last: (path: string) => all().findLast(change => change.path === path)?.type,
    /** Waits until a change of this path is told (or was, since the last `clear`). */
    async told (path: string, ...types: Change['type'][]) {
      return await until(() => all().find(change => change.path === path && (types.length === 0 || types.includes(change.type))), `told about ${path}`, 10_000)
    },
    /** Nothing more comes: everything was looked at once more and told. */
    async settled () {
      await watch.check()
      for (let seen = -1; seen !== batches.length;) {
        seen = batches.length
        await new Promise(resolve => setTimeout(resolve, 150))
      }
    },
    clear () { batches.length = 0 }
  }
}
