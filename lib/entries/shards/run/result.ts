// What a module gave back, checked field by field and completed.
import type { Diagnostic } from '../../../../types/build.js'
import type { PartialShardResult, ShardFile, ShardResult } from '../../../../types/shards.js'
import { show } from '../../../errors.js'
import { isSafePath, SAFE } from '../plan/paths.js'

type Check = (name: string, value: unknown) => void
type Fields = Readonly<Record<string, Check>>

export interface OpenResult extends ShardResult {
  readonly renderedPages: string[]
  readonly sitemapEntries: ShardResult['sitemapEntries'][number][]
  readonly searchEntries: ShardResult['searchEntries'][number][]
  readonly tagManifest: Record<string, ShardResult['tagManifest'][string][number][]>
  readonly feedEntries: ShardResult['feedEntries'][number][]
  readonly links: ShardResult['links'][number][]
  readonly errors: Diagnostic[]
}

export function emptyResult (): OpenResult {
  return { renderedPages: [], sitemapEntries: [], searchEntries: [], tagManifest: {}, feedEntries: [], links: [], errors: [] }
}

/** A shard that failed has a complete result too, so that nobody has to ask. */
export function failedResult (shard: string, ...errors: readonly Diagnostic[]): ShardResult {
  return { ...emptyResult(), errors: errors.map(one => ({ ...one, shard })) }
}

class WrongResult extends Error {
  constructor (name: string, expected: string, value: unknown) {
    super(`the result is invalid: \`${name}\` must be ${expected}, got ${show(value)}`)
  }
}

const text: Check = (name, value) => { if (typeof value !== 'string') throw new WrongResult(name, 'a text', value) }
const number: Check = (name, value) => { if (typeof value !== 'number') throw new WrongResult(name, 'a number', value) }
const optional = (check: Check): Check => (name, value) => { if (value !== undefined) check(name, value) }
const path: Check = (name, value) => { if (typeof value !== 'string' || !isSafePath(value)) throw new WrongResult(name, `a path ${SAFE}`, value) }
const list = (check: Check): Check => (name, value) => {
  if (!Array.isArray(value)) throw new WrongResult(name, 'an array', value)
  value.forEach((item, i) => check(`${name}[${i}]`, item))
}
const object = (fields: Fields): Check => (name, value) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new WrongResult(name, 'an object', value)
  for (const [key, check] of Object.entries(fields)) check(`${name}.${key}`, Reflect.get(value, key))
}
const record = (check: Check): Check => (name, value) => {
  object({})(name, value)
  for (const [key, item] of Object.entries(value as object)) check(`${name}.${key}`, item)
}
const severity: Check = (name, value) => { if (value !== 'error' && value !== 'warning') throw new WrongResult(name, "'error' or 'warning'", value) }
const link: Check = (name, value) => {
  if (!Array.isArray(value) || value.length !== 2) throw new WrongResult(name, '[from, to[]]', value)
  text(`${name}[0]`, value[0])
  list(text)(`${name}[1]`, value[1])
}
const contents: Check = (name, value) => { if (typeof value !== 'string' && !(value instanceof Uint8Array)) throw new WrongResult(name, 'a text or a Uint8Array', value) }

const FIELDS: Fields = {
  renderedPages: list(path),
  sitemapEntries: list(object({ url: text, lastmod: optional(text) })),
  searchEntries: list(object({ url: text, title: text, text: optional(text) })),
  tagManifest: record(list(object({ url: text, title: text }))),
  feedEntries: list(object({ url: text, title: text, date: text, html: optional(text) })),
  links: list(link),
  errors: list(object({ severity, message: text, file: optional(text), line: optional(number), column: optional(number), frame: optional(text), stack: optional(text) })),
  files: record(contents)
}

/** @throws an Error that names the field. */
export function checkPiece (value: unknown): PartialShardResult {
  if (value === undefined) return {}
  object({})('result', value)
  for (const [name, item] of Object.entries(value as object)) {
    const check = FIELDS[name]
    if (check === undefined) throw new Error(`the result is invalid: unknown field \`${name}\`; known are ${Object.keys(FIELDS).join(', ')}`)
    if (item !== undefined) check(name, item)
  }
  return value as PartialShardResult
}

/** A whole result that was stored, or came from another machine. @throws */
export function checkStored (value: unknown): { readonly result: ShardResult, readonly files: readonly ShardFile[], readonly ms: number } {
  const given = value as { result: ShardResult, files: readonly ShardFile[], ms: number }
  object({ result: object(Object.fromEntries(Object.entries(FIELDS).filter(([name]) => name !== 'files'))), files: list(object({ path, hash: text })) })('entry', value)
  for (const { offset, length } of given.files) if (!(Number.isInteger(offset) && Number.isInteger(length) && offset >= 0 && length >= 0)) throw new WrongResult('files', 'ranges of bytes', offset)
  return given
}

/** A module that cannot be loaded fails in every shard: one diagnostic says so, with the number of shards. */
export function joinEqual (diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const groups = new Map<string, Diagnostic[]>()
  for (const one of diagnostics) {
    const key = JSON.stringify([one.severity, one.message, one.file, one.line, one.column])
    groups.set(key, [...groups.get(key) ?? [], one])
  }
  return [...groups.values()].map(([first, ...others]) => {
    const shards = new Set(others.flatMap(({ shard }) => shard ?? [])).size
    return shards === 0 ? first as Diagnostic : { ...first as Diagnostic, message: `${first?.message} (and in ${shards} more ${shards === 1 ? 'shard' : 'shards'})` }
  })
}

/** The next build may take it again: a merge that sorts it in place would change what that gets. */
export function freeze (result: ShardResult): ShardResult {
  for (const list of Object.values(result)) for (const item of Object.values(Object.freeze(list) as object)) Object.freeze(item)
  return result
}
