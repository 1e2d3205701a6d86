// The app's own changes to a document, in their order. One that fails is left out.
import { buffer } from 'node:stream/consumers'
import { Duplex } from 'node:stream'
import type { FastifyRequest } from 'fastify'
import type { TransformContext, Transformer } from '../../../types/options.js'
import { isStream, streamOf, type Body } from '../document.js'
import { join } from './stream.js'

/** Called with the position of a transformer that failed, from 0. */
export type OnTransformError = (request: FastifyRequest, index: number, error: unknown) => void

export class Transforms {
  /** A live list: it may grow and shrink while the app runs. */
  readonly #transformers: readonly Transformer[]
  readonly #onError: OnTransformError

  constructor (transformers: readonly Transformer[], onError: OnTransformError) {
    this.#transformers = transformers
    this.#onError = onError
  }

  get isEmpty (): boolean {
    return this.#transformers.length === 0
  }

  async run (body: Body, context: TransformContext): Promise<Body> {
    for (const [index, transformer] of [...this.#transformers].entries()) {
      // A function gets the whole document: collected first, so that it can go out as it was when the function fails.
      if (typeof transformer === 'function' && isStream(body)) body = await buffer(body)
      try {
        body = await applyTransformer(transformer, body, context)
      } catch (error) {
        this.#onError(context.request, index, error)
      }
    }
    return body
  }
}

async function applyTransformer (transformer: Transformer, body: Body, context: TransformContext): Promise<Body> {
  if (typeof transformer === 'function') {
    const html: unknown = await transformer(String(body), context)
    if (typeof html !== 'string') throw new TypeError(`a transformer gives the document as a string, not ${html === null ? 'null' : typeof html}`)
    return html
  }
  const through = transformer.stream(context)
  return join(streamOf(body), 'pipe' in through ? through : Duplex.fromWeb(through))
}

/** True for a type without a charset too, as strings are sent in UTF-8. Other charsets are not transformed. */
export function isUtf8 (type: unknown): boolean {
  const charset = /;\s*charset\s*=\s*["']?\s*([^\s"';]+)/i.exec(String(type))?.[1]
  return charset === undefined || /^(?:utf-?8|(?:us-)?ascii)$/i.test(charset)
}
