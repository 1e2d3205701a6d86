// `app.liveReload.reload(target)` and `update(paths)` -> what the pipeline takes, or a coded error at the caller.
import { resolve } from 'node:path'
import type { ReloadTarget } from '../../types/live-reload.js'
import { check, fields, known, matching, pathOf, type Guard } from '../options/check.js'

const isText: Guard<string> = (v): v is string => typeof v === 'string'
const isList: Guard<unknown[]> = (v): v is unknown[] => Array.isArray(v)

/** @throws FST_LIVE_RELOAD_INVALID_OPTION, FST_LIVE_RELOAD_UNKNOWN_OPTION */
export function parseReload (target: unknown): ReloadTarget {
  if (isList(target)) return { paths: texts('reload(paths)', target) }
  const given = fields('reload(target)', target, 'a list of paths or { paths?, urls? }')
  known('reload(target).', given, ['paths', 'urls'])
  const { paths, urls } = given
  return {
    ...paths !== undefined && { paths: texts('reload(target).paths', paths) },
    ...urls !== undefined && { urls: check('reload(target).urls', urls, 'a list of URL paths', isList).map((url, i) => encode(`reload(target).urls[${i}]`, url)) }
  }
}

/** Absolute paths. @throws FST_LIVE_RELOAD_INVALID_OPTION */
export function parseUpdate (paths: unknown, cwd: string): string[] {
  const list = isList(paths)
  return (list ? paths : [paths]).map((path, i) => resolve(cwd, pathOf(list ? `update(paths)[${i}]` : 'update(paths)', path)))
}

function texts (name: string, list: unknown): string[] {
  return check(name, list, 'a list of paths', isList).map((path, i) => check(`${name}[${i}]`, path, 'a path', isText))
}

/** As `location.pathname` of the page has it. What is encoded stays as it is. */
function encode (name: string, url: unknown): string {
  return new URL(`http://localhost${check(name, url, 'a URL path such as "/blog/"', matching(/^\//))}`).pathname
}
