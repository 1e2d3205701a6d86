// `root`: directories that are served and watched.
import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { RootOptions } from '../../types/options.js'
import { errors, show } from '../errors.js'
import { array, check, fields, flag, isBoolean, isFunction, known, matching, oneOf, pathOf, type Guard } from './check.js'
import type { RootSettings } from './settings.js'

/** Our own options and those of @fastify/static, without the ones this plugin decides itself. */
export const ROOT = [
  'path', 'prefix', 'spa', 'list', 'followSymlinks', 'acceptRanges', 'cacheControl', 'constraints', 'contentType', 'dotfiles', 'etag', 'extensions', 'immutable', 'index',
  'lastModified', 'logLevel', 'logSerializers', 'maxAge', 'onFile', 'preCompressed', 'prefixAvoidTrailingSlash', 'redirect', 'schemaHide', 'serveDotFiles', 'setHeaders', 'suppressWarning'
] as const satisfies readonly (keyof RootOptions)[]

const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const
const isTexts = (v: unknown): v is string[] => Array.isArray(v) && v.every(matching(/./))
const isObject = (v: unknown): v is object => typeof v === 'object' && v !== null

/** What @fastify/static takes without a look, and then does nothing with. */
const STATIC: readonly [expected: string, is: Guard<unknown>, names: readonly (typeof ROOT[number])[]][] = [
  ['true or false', isBoolean, ['acceptRanges', 'cacheControl', 'contentType', 'etag', 'immutable', 'lastModified', 'preCompressed', 'prefixAvoidTrailingSlash', 'redirect', 'schemaHide', 'serveDotFiles', 'suppressWarning']],
  ["'allow', 'deny' or 'ignore'", oneOf('allow', 'deny', 'ignore'), ['dotfiles']],
  ['an extension, or a list of them', (v): v is unknown => isTexts([v].flat()), ['extensions']],
  ['a file name, a list of them, or false', (v): v is unknown => v === false || isTexts([v].flat()), ['index']],
  ['milliseconds or a text such as "1d"', (v): v is unknown => (typeof v === 'number' && v >= 0) || matching(/^\d/)(v), ['maxAge']],
  ['a function', isFunction as Guard<unknown>, ['setHeaders', 'onFile']],
  [`one of ${LEVELS.join(', ')}`, oneOf(...LEVELS), ['logLevel']],
  ['an object', isObject, ['constraints', 'logSerializers']]
]

const isSpa = (v: unknown): v is string | boolean => isBoolean(v) || matching(/./)(v)

export function parseRoots (raw: unknown, cwd: string): RootSettings[] {
  const seen = new Set<string>()
  return array(raw).map((item, i) => {
    const name = Array.isArray(raw) ? `root[${i}]` : 'root'
    const bare = typeof item === 'string' || item instanceof URL
    const { path, prefix: mount = '/', spa = false, list = false, followSymlinks, ...rest } =
      bare ? { path: item } as Record<string, unknown> : fields(name, item, 'a path, a file: URL or { path, prefix, spa, list, ... }')
    known(`${name}.`, rest, ROOT)
    for (const [expected, is, names] of STATIC) {
      for (const field of names) if (rest[field] !== undefined) check(`${name}.${field}`, rest[field], expected, is)
    }
    const prefix = check(`${name}.prefix`, mount, 'a path of ASCII characters other than "%" that begins with "/"', matching(/^\/[!"$&-)+-9;->@-~]*$/))
    const directory = parseDirectory(bare ? name : `${name}.path`, path, cwd)
    const place = `${prefix.replace(/\/+$/, '')}/`
    // Of two with constraints either may answer.
    if (rest.constraints === undefined) {
      const served = `${place} ${directory}`
      if (seen.has(served)) throw new errors.FST_LIVE_RELOAD_INVALID_OPTION(name, 'a directory that no other root serves at the same prefix', show(directory))
      seen.add(served)
    }
    const fallback = check(`${name}.spa`, spa, 'true, false or a file name below the root', isSpa)
    return {
      path: directory,
      prefix: place,
      spa: fallback === true ? 'index.html' : fallback,
      list: check(`${name}.list`, list, 'true, false or an object', (v): v is unknown => isBoolean(v) || isObject(v)) as RootOptions['list'],
      followSymlinks: flag(`${name}.followSymlinks`, followSymlinks, false),
      static: rest
    }
  })
}

// A root may be missing, because its build has not run yet. A file in its place is a mistake.
function parseDirectory (name: string, raw: unknown, cwd: string): string {
  const path = resolve(cwd, pathOf(name, raw))
  const wrong = whyNoDirectory(path)
  if (wrong !== undefined) throw new errors.FST_LIVE_RELOAD_INVALID_ROOT(name, show(raw), wrong)
  return path
}

function whyNoDirectory (path: string): string | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === false ? 'a file' : undefined
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return code === 'ENOTDIR' ? 'below a file' : `not to be read (${String(code)})`
  }
}
