// Content addresses: SHA-256 of files, texts and plain data.
import { createHash, type Hash } from 'node:crypto'

export function sha256 (...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest('hex')
}

/** Equal for equal data, whatever the order of an object's fields. @throws for functions, symbols, and objects that contain themselves. */
export function digestOf (value: unknown): string {
  const hash = createHash('sha256')
  add(hash, value, [])
  return hash.digest('hex')
}

function add (hash: Hash, value: unknown, above: readonly unknown[]): void {
  if (typeof value === 'function' || typeof value === 'symbol') throw new TypeError(`a ${typeof value} is no plain data`)
  if (typeof value !== 'object' || value === null) {
    // The type as well: 1 and '1' differ. The length ends a text.
    const text = Object.is(value, -0) ? '-0' : String(value)
    hash.update(`${typeof value}:${text.length}:${text};`)
  } else if (above.includes(value)) throw new TypeError('data that contains itself is no plain data')
  else addObject(hash, value, [...above, value])
}

function addObject (hash: Hash, value: object, above: readonly unknown[]): void {
  if (value instanceof Date) hash.update(`date:${value.getTime()};`)
  else if (value instanceof RegExp) hash.update(`regexp:${String(value)};`)
  else if (value instanceof ArrayBuffer) addObject(hash, new Uint8Array(value), above)
  else if (ArrayBuffer.isView(value)) hash.update(`bytes:${value.byteLength}:`).update(value as Uint8Array)
  else if (value instanceof Map) addItems(hash, 'map', [...value].flat(1), above)
  else if (value instanceof Set) addItems(hash, 'set', [...value], above)
  else if (Array.isArray(value)) addItems(hash, 'list', value, above)
  else if (!isPlain(value)) throw new TypeError(`a ${value.constructor?.name ?? 'class instance'} is no plain data`)
  // A field that is undefined is as good as absent: neither survives JSON.
  else addItems(hash, 'object', Object.entries(value).filter(([, each]) => each !== undefined).sort(([a], [b]) => a < b ? -1 : 1).flat(1), above)
}

function addItems (hash: Hash, kind: string, items: readonly unknown[], above: readonly unknown[]): void {
  hash.update(`${kind}:${items.length}:`)
  for (const item of items) add(hash, item, above)
}

/** What a class instance holds may be hidden. */
function isPlain (value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as object | null
  return prototype === null || Object.getPrototypeOf(prototype) === null
}
