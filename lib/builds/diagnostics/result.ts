// What a builder gave back, checked field by field: it may come from another process.
import { existsSync } from 'node:fs'
import { isAbsolute, resolve } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { types } from 'node:util'
import { show } from '../../errors.js'
import { clip } from '../../shared/text.js'
import type { BuildCounts, BuildRequest, BuildResult, Diagnostic } from '../../../types/build.js'

const MAX_TEXT_CHARACTERS = 65_536
const MAX_ITEMS = 1_000_000
const CHECKS_PER_SLICE = 100

export interface BuildRun {
  readonly ms: number
  readonly request: Pick<BuildRequest, 'cwd' | 'outDir' | 'roots'>
  readonly output?: string | undefined
  /** Names who gave it, for messages. @default 'the build' */
  readonly giver?: string
}

/** Completes a partial result. A field that does not fit makes it a failure; nothing is thrown. */
export function toResult (value: unknown, { ms, request, output, giver = 'the build' }: BuildRun): BuildResult {
  const printed = output === undefined ? {} : { output }
  try {
    return { ...printed, ...readResult(value ?? {}, request), ms }
  } catch (error) {
    const reason = error instanceof WrongField ? error.message : 'it cannot be read'
    return { ...printed, ok: false, ms, diagnostics: [{ severity: 'error', message: `${giver} returned an invalid result: ${reason}` }] }
  }
}

/** A success whose files do not exist becomes a failure that names one. */
export async function checkOutputs (result: BuildResult): Promise<BuildResult> {
  if (!result.ok || result.outputs === undefined) return result
  const missing: string[] = []
  // Synchronous checks are twenty times faster; in slices, so that requests get their turn.
  for (let at = 0; at < result.outputs.length && missing.length < 2; at += CHECKS_PER_SLICE) {
    missing.push(...result.outputs.slice(at, at + CHECKS_PER_SLICE).filter(path => !existsSync(path)))
    await setImmediate()
  }
  if (missing.length === 0) return result
  const message = `the build says it wrote ${missing[0]}${missing.length > 1 ? ' and others' : ''}, which does not exist`
  return { ...result, ok: false, diagnostics: [...result.diagnostics, { severity: 'error', message }] }
}

class WrongField extends Error {
  constructor (name: string, expected: string, value: unknown) {
    super(`${name} must be ${expected}, got ${show(value)}`)
  }
}

function readResult (value: unknown, request: BuildRun['request']): Omit<BuildResult, 'ms'> {
  const given = record('it', value)
  if (types.isPromise(given.ok)) throw new WrongField('`ok`', 'a boolean (await it)', given.ok)
  const diagnostics = optional(given.diagnostics, v => list('diagnostics', v).map((one, i) => readDiagnostic(`diagnostics[${i}]`, one))) ?? []
  return present({
    ok: optional(given.ok, v => typed('ok', v, 'boolean')) ?? !diagnostics.some(one => one.severity === 'error'),
    diagnostics,
    outputKept: optional(given.outputKept, v => typed('outputKept', v, 'boolean')),
    outputs: optional(given.outputs, v => list('outputs', v).map((path, i) => locate(pathOf(`outputs[${i}]`, path), request))),
    pages: optional(given.pages, v => typed('pages', v, 'number')),
    counts: optional(given.counts, readCounts),
    output: optional(given.output, v => typed('output', v, 'string').slice(-MAX_TEXT_CHARACTERS)),
    meta: optional(given.meta, v => record('`meta`', v))
  })
}

/** A builder names what it wrote as it sees it: from the directory that it writes to, from the one it runs in, or as the site has it. */
function locate (path: string, { cwd, outDir, roots = [] }: BuildRun['request']): string {
  if (outDir !== undefined || isAbsolute(path)) return resolve(outDir ?? '', path)
  const places = [cwd, ...roots].map(place => resolve(place, path))
  return places.find(place => existsSync(place)) ?? places[0] as string
}

function readCounts (value: unknown): BuildCounts {
  const given = record('`counts`', value)
  const count = (name: string, of = given) => typed(`counts.${name}`, of[name], 'number')
  const tally = (name: string) => {
    const each = record(`\`counts.${name}\``, given[name])
    return Object.fromEntries(Object.keys(each).map(key => [key, count(key, each)]))
  }
  return { sources: count('sources'), pages: count('pages'), byKind: tally('byKind'), byFormat: tally('byFormat'), files: count('files') }
}

function readDiagnostic (name: string, value: unknown): Diagnostic {
  const given = record(`\`${name}\``, value)
  const { severity } = given
  if (severity !== 'error' && severity !== 'warning') throw new WrongField(`\`${name}.severity\``, "'error' or 'warning'", severity)
  const text = (key: string) => clip(typed(`${name}.${key}`, given[key], 'string'), MAX_TEXT_CHARACTERS)
  const optionalText = (key: string) => optional(given[key], () => text(key))
  const position = (key: string) => optional(given[key], v => typed(`${name}.${key}`, v, 'number'))
  return present({
    severity: severity as Diagnostic['severity'],
    message: text('message'),
    file: optionalText('file'),
    line: position('line'),
    column: position('column'),
    frame: optionalText('frame'),
    shard: optionalText('shard'),
    stack: optionalText('stack')
  })
}

interface Kinds { boolean: boolean, number: number, string: string }

function typed<K extends keyof Kinds> (name: string, value: unknown, kind: K): Kinds[K] {
  // eslint-disable-next-line valid-typeof
  if (typeof value !== kind) throw new WrongField(`\`${name}\``, `a ${kind}`, value)
  return value as Kinds[K]
}

function pathOf (name: string, value: unknown): string {
  const path = typed(name, value, 'string')
  if (path === '' || path.includes('\0')) throw new WrongField(`\`${name}\``, 'a path', path)
  return path
}

function record (name: string, value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new WrongField(name, 'an object', value)
  return value as Record<string, unknown>
}

function list (name: string, value: unknown): unknown[] {
  if (!Array.isArray(value) || value.length > MAX_ITEMS) throw new WrongField(`\`${name}\``, 'an array', value)
  return value
}

function optional<T> (value: unknown, read: (value: unknown) => T): T | undefined {
  return value === undefined || value === null ? undefined : read(value)
}

type Present<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & { [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined> }

/** Without the fields that are undefined. */
function present<T extends object> (fields: T): Present<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Present<T>
}
