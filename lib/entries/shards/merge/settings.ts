// Options that the parts of a merge share, and what they write with.
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { BuildRequest } from '../../../../types/build.js'
import type { Merge } from '../../../../types/shards.js'
import { check, fields, known } from '../../../options/check.js'

export interface SiteOptions {
  /** Where the site will be: `https://example.com/docs/`. The `/` at its end may be left out. */
  baseUrl: string | URL
  /** Directory below the output directory, for the files of the merge. @default the output directory itself */
  outDir?: string
}

export interface SiteSettings {
  /** Ends with `/`. */
  readonly base: string
  /** Empty, or ends with `/`. */
  readonly dir: string
}

export type Results = Parameters<Merge>[0]
export type MergeRequest = BuildRequest & { readonly outDir: string }

/** The options of one part, checked for names that do not exist. @throws FST_LIVE_RELOAD_UNKNOWN_OPTION, FST_LIVE_RELOAD_INVALID_OPTION */
export function givenOptions (name: string, raw: unknown, names: readonly string[]): Record<string, unknown> {
  const given = fields(name, raw)
  known(`${name}.`, given, names)
  return given
}

/** @throws FST_LIVE_RELOAD_INVALID_OPTION */
export function siteSettings (name: string, { baseUrl, outDir }: Record<string, unknown>): SiteSettings {
  return { base: baseOf(`${name}.baseUrl`, baseUrl), dir: folderOf(`${name}.outDir`, outDir, '') }
}

/** A directory within the output directory: empty, or with `/` at its end. */
export function folderOf (name: string, value: unknown, fallback: string): string {
  const path = check(name, value === undefined ? fallback : value, 'a path within the output directory', isInside)
  return path === '' || path.endsWith('/') ? path : `${path}/`
}

/** The path of a file within the output directory; `undefined` when it is switched off. */
export function fileOf (name: string, value: unknown, fallback: string): string | undefined {
  return value === false ? undefined : check(name, value === undefined ? fallback : value, 'a path within the output directory or false', isFile)
}

export async function write (request: MergeRequest, name: string, text: string): Promise<void> {
  const path = join(request.outDir, name)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text)
}

/** What is made of the list of one shard alone. A shard that was not built again gives the same list, frozen, and so what was made of it before. */
export function perShard<List extends object, Part> (make: (list: List) => Part): (list: List) => Part {
  const known = new WeakMap<List, Part>()
  return list => {
    const part = known.get(list) ?? make(list)
    if (Object.isFrozen(list)) known.set(list, part)
    return part
  }
}

/** Puts the same texts into the same order everywhere: by their characters, not by a language. */
export function byText (a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

const isInside = (v: unknown): v is string => typeof v === 'string' && !/^\/|^[a-z]:|\\|\0/i.test(v) && !v.split('/').includes('..')
const isFile = (v: unknown): v is string => isInside(v) && /[^/]$/.test(v)

function baseOf (name: string, value: unknown): string {
  const text = value instanceof URL ? value.href : value
  const url = check(name, text, 'an address such as https://example.com/docs/, without query and hash', isBase)
  const { href } = new URL(url)
  return href.endsWith('/') ? href : `${href}/`
}

function isBase (v: unknown): v is string {
  if (typeof v !== 'string' || !/^https?:\/\//i.test(v) || /[?#]/.test(v) || !URL.canParse(v)) return false
  const { username, password } = new URL(v)
  return username === '' && password === ''
}
