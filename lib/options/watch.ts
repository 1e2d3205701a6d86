// What is watched and how: `watch`, `ignore`, `gitignore`, `debounce`, and the arguments of `app.liveReload.watch()`.
import { resolve } from 'node:path'
import type { IgnoreRule } from '../../types/options.js'
import { errors, show } from '../errors.js'
import { array, check, fields, flag, integer, isFunction, known, matching, pathOf, type Guard } from './check.js'
import type { WatchRules } from './settings.js'

const isRule: Guard<IgnoreRule> = (v): v is IgnoreRule => (typeof v === 'string' && v !== '') || v instanceof RegExp || isFunction(v)

/** One path or URL, several or none -> absolute paths. */
export function parsePaths (name: string, raw: unknown, cwd: string): string[] {
  return array(raw).map((item, i) => resolve(cwd, pathOf(Array.isArray(raw) ? `${name}[${i}]` : name, item)))
}

/** The same, but at least one. */
export function parseSources (name: string, raw: unknown, cwd: string): string[] {
  const paths = parsePaths(name, raw, cwd)
  if (paths.length === 0) throw new errors.FST_LIVE_RELOAD_INVALID_OPTION(name, 'one path or more', show(raw))
  return paths
}

export function parseRules (name: string, raw: unknown): IgnoreRule[] {
  return array(raw).map((rule, i) => check(`${name}[${i}]`, rule, 'a glob, a RegExp or a function (path) => boolean', isRule))
}

/** `undefined`: every file counts. */
export function parseInclude (name: string, raw: unknown): string[] | undefined {
  if (raw === undefined) return undefined
  const globs = array(raw)
  if (globs.length === 0) throw new errors.FST_LIVE_RELOAD_INVALID_OPTION(name, 'one glob or more', show(raw))
  // A `!` at the beginning, or a `/` at the end, would mean something else than in `ignore`.
  return globs.map((glob, i) => check(`${name}[${i}]`, glob, 'a glob for files, such as "*.md" or "posts/**"; `ignore` takes out what it matches too much', matching(/^(?!!(?!\())[^\0]*[^\0/]$/)))
}

/** `prefix`: begins the names of the options in errors. */
export function parseWatchRules (prefix: string, given: Record<string, unknown>, defaults: WatchRules): WatchRules {
  return {
    ignore: [...defaults.ignore, ...parseRules(`${prefix}ignore`, given.ignore)],
    gitignore: flag(`${prefix}gitignore`, given.gitignore, defaults.gitignore),
    debounce: integer(`${prefix}debounce`, given.debounce, defaults.debounce, 0, 60_000)
  }
}

/** The arguments of `app.liveReload.watch()`. @throws FST_LIVE_RELOAD_INVALID_OPTION, _UNKNOWN_OPTION */
export function parseWatchCall (paths: unknown, listener: unknown, options: unknown, { cwd, ...defaults }: WatchRules & { readonly cwd: string }): WatchRules & { readonly paths: string[], readonly include: string[] | undefined } {
  const given = fields('watch(options)', options)
  known('watch(options).', given, ['include', 'ignore', 'gitignore', 'debounce'])
  check('watch(listener)', listener, 'a function (changes) => void', isFunction)
  return { paths: parseSources('watch(paths)', paths, cwd), include: parseInclude('watch(options).include', given.include), ...parseWatchRules('watch(options).', given, defaults) }
}
