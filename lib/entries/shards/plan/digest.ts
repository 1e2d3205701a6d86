// Content addresses: SHA-256 of files, texts and plain data.
import { createHash, type Hash } from 'node:crypto'

export function sha256 (...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest('hex')
}

/** Equal for equal data, whatever the order of an object's fields. @throws for functions, symbols, and objects that contain themselves. */
export function digestOf (value: unknown): string {
  const digest = new Digest()
  digest.add(value)
  return digest.end()
}

/** Texts are joined before they are hashed: a call of the hash for each field takes longer than the hashing. */
const MAX_JOINED = 16_384

class Digest {
  readonly #hash: Hash = createHash('sha256')
  readonly #above: object[] = []
  #text = ''

  add (value: unknown): void {
    // Most of all.
    if (typeof value === 'string') return this.#write(`string:${value.length}:${value};`)
    if (typeof value === 'function' || typeof value === 'symbol') throw new TypeError(`a ${typeof value} is no plain data`)
    if (typeof value !== 'object' || value === null) {
      // The type as well: 1 and '1' differ. The length ends a text.
      const text = Object.is(value, -0) ? '-0' : String(value)
      this.#write(`${typeof value}:${text.length}:${text};`)
      return
    }
    if (this.#above.includes(value)) throw new TypeError('data that contains itself is no plain data')
    this.#above.push(value)
    this.#addObject(value)
    this.#above.pop()
  }

  end (): string {
    return this.#hash.update(this.#text).digest('hex')
  }

  #addObject (value: object): void {
    if (Array.isArray(value)) this.#addItems('list', value)
    else if (isPlain(value)) this.#addFields(value)
    else if (value instanceof Date) this.#write(`date:${value.getTime()};`)
    else if (value instanceof RegExp) this.#write(`regexp:${String(value)};`)
    else if (value instanceof ArrayBuffer) this.#addBytes(new Uint8Array(value))
    else if (ArrayBuffer.isView(value)) this.#addBytes(value as Uint8Array)
    else if (value instanceof Map) this.#addItems('map', [...value].flat(1))
    else if (value instanceof Set) this.#addItems('set', [...value])
    else throw new TypeError(`a ${value.constructor?.name ?? 'class instance'} is no plain data`)
  }

  /** A field that is undefined is as good as absent: neither survives JSON. */
  #addFields (value: object): void {
    const fields = value as Readonly<Record<string, unknown>>
    const names = Object.keys(fields).filter(name => fields[name] !== undefined).sort()
    this.#write(`object:${names.length}:`)
    for (const name of names) {
      this.add(name)
      this.add(fields[name])
    }
  }

  #addItems (kind: string, items: readonly unknown[]): void {
    this.#write(`${kind}:${items.length}:`)
    for (const item of items) this.add(item)
  }

  #addBytes (bytes: Uint8Array): void {
    this.#write(`bytes:${bytes.byteLength}:`)
    this.#flush()
    this.#hash.update(bytes)
  }

  #write (text: string): void {
    this.#text += text
    if (this.#text.length > MAX_JOINED) this.#flush()
  }

  #flush (): void {
    this.#hash.update(this.#text)
    this.#text = ''
  }
}

/** What a class instance holds may be hidden. */
function isPlain (value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as object | null
  return prototype === null || Object.getPrototypeOf(prototype) === null
}
