// What a builder gave back, checked field by field: it may come from another process.
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { types } from 'node:util'
import { show } from '../../errors.js'
import type { BuildResult, Diagnostic } from '../../../types/build.js'
import { clip } from './describe.js'

const MAX_TEXT = 65_536
const SLICE = 100
const MAX_OUTPUTS = 1_000_000

export interface Finished { readonly ms: number, readonly cwd: string, readonly output?: string | undefined }

/** A whole result of a partial one; what does not fit is a failure, never a throw. */
export function toResult (value: unknown, { ms, cwd, output }: Finished): BuildResult {
  const given = output === undefined ? {} : { output }
  try {
    return { ...given, ...read(value ?? {}, cwd), ms }
  } catch (error) {
    const reason = error instanceof Wrong ? error.message : 'it can not be read'
    return { ...given, ok: false, ms, diagnostics: [{ severity: 'error', message: `the build gave a wrong result: ${reason}` }] }
  }
}

/** A success whose files do not exist is a failure that names one. */
export async function checkOutputs (result: BuildResult): Promise<BuildResult> {
  if (!result.ok || result.outputs === undefined) return result
  const missing: string[] = []
  // Synchronous is twenty times quicker for so small a question; in slices, so that requests get their turn.
  for (let at = 0; at < result.outputs.length && missing.length < 2; at += SLICE) {
    missing.push(...result.outputs.slice(at, at + SLICE).filter(path => !existsSync(path)))
    await setImmediate()
  }
  if (missing.length === 0) return result
  const message = `the build says it wrote ${missing[0]}${missing.length > 1 ? ' and others' : ''}, which does not exist`
  return { ...result, ok: false, diagnostics: [...result.diagnostics, { severity: 'error', message }] }
}

class Wrong extends Error {}

function read (value: unknown, cwd: string): Omit<BuildResult, 'ms'> {
  const given = record('it', value)
  if (types.isPromise(given.ok)) throw new Wrong('`ok` is a promise; await it')
  const diagnostics = optional(given.diagnostics, v => list('diagnostics', v).map((one, i) => diagnostic(`diagnostics[${i}]`, one))) ?? []
  const result = {
    ok: optional(given.ok, v => is('ok', v, 'boolean')) ?? !diagnostics.some(one => one.severity === 'error'),
    diagnostics,
    outputs: optional(given.outputs, v => list('outputs', v).map((path, i) => resolve(cwd, pathOf(`outputs[${i}]`, path)))),
    pages: optional(given.pages, v => is('pages', v, 'number')),
    output: optional(given.output, v => is('output', v, 'string').slice(-MAX_TEXT)),
    meta: optional(given.meta, v => record('meta', v))
  }
  return present(result)
}

function diagnostic (name: string, value: unknown): Diagnostic {
  const given = record(name, value)
  const text = (key: string) => optional(given[key], v => clip(is(`${name}.${key}`, v, 'string'), MAX_TEXT))
  const place = (key: string) => optional(given[key], v => is(`${name}.${key}`, v, 'number'))
  if (given.severity !== 'error' && given.severity !== 'warning') throw new Wrong(`\`${name}.severity\` must be 'error' or 'warning', got ${show(given.severity)}`)
  return present({
    severity: given.severity as Diagnostic['severity'],
    message: clip(is(`${name}.message`, given.message, 'string'), MAX_TEXT),
    file: text('file'),
    line: place('line'),
    column: place('column'),
    frame: text('frame'),
    stack: text('stack')
  })
}

interface Kinds { boolean: boolean, number: number, string: string }

function is<K extends keyof Kinds> (name: string, value: unknown, kind: K): Kinds[K] {
  // eslint-disable-next-line valid-typeof
  if (typeof value !== kind) throw new Wrong(`\`${name}\` must be a ${kind}, got ${show(value)}`)
  return value as Kinds[K]
}

function pathOf (name: string, value: unknown): string {
  const path = is(name, value, 'string')
  if (path === '' || path.includes('\0')) throw new Wrong(`\`${name}\` must be a path, got ${show(path)}`)
  return path
}

function record (name: string, value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Wrong(`${name === 'it' ? name : `\`${name}\``} must be an object, got ${show(value)}`)
  return value as Record<string, unknown>
}

function list (name: string, value: unknown): unknown[] {
  if (!Array.isArray(value) || value.length > MAX_OUTPUTS) throw new Wrong(`\`${name}\` must be an array, got ${show(value)}`)
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
