// The checks that options are made of: each returns the checked value, or throws a coded error that names the option.
import { fileURLToPath } from 'node:url'
import { errors, show } from '../errors.js'

export type Guard<T> = (value: unknown) => value is T

/** @throws FST_LIVE_RELOAD_INVALID_OPTION */
export function check<T> (name: string, value: unknown, expected: string, is: Guard<T>): T {
  if (!is(value)) throw new errors.FST_LIVE_RELOAD_INVALID_OPTION(name, expected, show(value))
  return value
}

export const isBoolean: Guard<boolean> = (v): v is boolean => typeof v === 'boolean'

export const isFunction = (v: unknown): v is (...args: never[]) => unknown => typeof v === 'function'

export const matching = (test: RegExp): Guard<string> => (v): v is string => typeof v === 'string' && test.test(v)

export const oneOf = <const T extends string>(...values: T[]): Guard<T> => (v): v is T => values.includes(v as T)

// Only `undefined` is a missing value: `null` would hide a mistake.

/** `true` or `false`. */
export function flag (name: string, value: unknown, fallback: boolean): boolean {
  return check(name, value === undefined ? fallback : value, 'true or false', isBoolean)
}

/** One of a few words. The first is the default. */
export function choice<const T extends string> (name: string, value: unknown, ...words: [T, ...T[]]): T {
  const quoted = words.map(word => `'${word}'`)
  return check(name, value === undefined ? words[0] : value, `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`, oneOf(...words))
}

/** A plain object; by default an empty one. */
export function fields (name: string, value: unknown = {}, expected = 'an object'): Record<string, unknown> {
  return check(name, value, expected, (v): v is Record<string, unknown> => typeof v === 'object' && v !== null && !Array.isArray(v))
}

/** @throws FST_LIVE_RELOAD_UNKNOWN_OPTION for a field that is not among `names`. */
export function known (prefix: string, given: object, names: readonly string[]): void {
  for (const name of Object.keys(given)) {
    if (!names.includes(name)) throw new errors.FST_LIVE_RELOAD_UNKNOWN_OPTION(prefix + name, names.join(', '))
  }
}

export function integer (name: string, value: unknown, fallback: number, min: number, max: number): number {
  return check(name, value === undefined ? fallback : value, `a whole number from ${min} to ${max}`,
    (v): v is number => Number.isInteger(v) && (v as number) >= min && (v as number) <= max)
}

/** One, several or none -> an array. */
export function array (value: unknown): unknown[] {
  return value === undefined ? [] : Array.isArray(value) ? value : [value]
}

/** A path, or a `file:` URL as a path. */
export function pathOf (name: string, value: unknown): string {
  const expected = 'a path or a file: URL'
  if (value instanceof URL) {
    check(name, value.protocol, expected, oneOf('file:'))
    return fileURLToPath(value)
  }
  return check(name, value, expected, matching(/^[^\0]+$/))
}

/** Options that several builders share, and the names of those that only one has. */
export function runOptions (builder: string, raw: unknown, ...more: string[]): { name?: string, env: Record<string, string | undefined>, timeout: number | undefined } {
  const given = fields(`${builder}(options)`, raw)
  known(`${builder}.`, given, ['name', 'env', 'timeout', ...more])
  const { name, env, timeout } = given
  const isText = (v: unknown): v is string | undefined => v === undefined || typeof v === 'string'
  return {
    ...name !== undefined && { name: check(`${builder}.name`, name, 'a text', matching(/./)) },
    env: Object.fromEntries(Object.entries(fields(`${builder}.env`, env)).map(([key, value]) => [key, check(`${builder}.env.${key}`, value, 'a text', isText)])),
    timeout: timeout === undefined ? undefined : integer(`${builder}.timeout`, timeout, 0, 1, 2 ** 31 - 1)
  }
}
