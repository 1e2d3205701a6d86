// What passes through the broker and the store is signed: neither of them is trusted.
import { createHmac, timingSafeEqual } from 'node:crypto'
import { deserialize, serialize } from 'node:v8'

const MAC_BYTES = 32

/** Signs with the secret, for one project: what is of another project is as good as forged. */
export class Seal {
  readonly #secret: string
  readonly #project: string

  constructor (secret: string, project: string) {
    this.#secret = secret
    this.#project = project
  }

  /** A name that only who has the secret can give. Hexadecimal. */
  nameOf (kind: string, ...parts: readonly string[]): string {
    return this.#mac('name', [kind, ...parts]).toString('hex')
  }

  sign (kind: string, text: string): string {
    return this.#mac('text', [kind, text]).toString('hex')
  }

  isSigned (kind: string, text: string, signature: unknown): boolean {
    return typeof signature === 'string' && equal(Buffer.from(signature, 'hex'), this.#mac('text', [kind, text]))
  }

  /** A value that can be stored under this name only. */
  close (name: string, value: unknown): Uint8Array {
    const bytes = serialize(value)
    return Buffer.concat([this.#mac('value', [name, bytes]), bytes])
  }

  /** `undefined` when it was not closed with this secret under this name. Nothing of it is read before that is known. */
  open (name: string, stored: unknown): unknown {
    if (!(stored instanceof Uint8Array)) return undefined
    const bytes = stored.subarray(MAC_BYTES)
    return equal(stored.subarray(0, MAC_BYTES), this.#mac('value', [name, bytes])) ? deserialize(bytes) : undefined
  }

  #mac (use: string, parts: readonly (string | Uint8Array)[]): Buffer {
    const mac = createHmac('sha256', this.#secret)
    // The length ends a part, so that parts cannot be cut otherwise.
    for (const part of ['fastify-live-reload', use, this.#project, ...parts]) mac.update(`${Buffer.byteLength(part)}:`).update(part)
    return mac.digest()
  }
}

function equal (a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b)
}
