// The app's own changes to a document, in their order. One that fails is left out.
import { buffer } from 'node:stream/consumers'
import { Duplex } from 'node:stream'
import type { FastifyRequest } from 'fastify'
import type { TransformContext, Transformer } from '../../../types/options.js'
import { isStream, streamOf } from '../reply.js'
import type { Body } from '../reply.js'
import { join } from './stream.js'

export interface Transforms {
  /** `text`: it is in UTF-8. What is not is left alone. */
  run (body: Body, context: TransformContext, text: boolean): Promise<Body>
}

export function createTransforms (transformers: readonly Transformer[], failed: (request: FastifyRequest, index: number, error: unknown) => void): Transforms {
  async function apply (transformer: Transformer, body: Body, context: TransformContext): Promise<Body> {
    if (typeof transformer === 'function') {
      const html: unknown = await transformer(String(body), context)
      if (typeof html !== 'string') throw new TypeError(`a transformer gives the document as a string, not ${html === null ? 'null' : typeof html}`)
      return html
    }
    const through = transformer.stream(context)
    return join(streamOf(body), 'pipe' in through ? through : Duplex.fromWeb(through))
  }

  return {
    async run (body, context, text) {
      if (!text) return body
      for (const [index, transformer] of transformers.entries()) {
        // A whole document is asked for: gathered, so that it can go out as it was.
        if (typeof transformer === 'function' && isStream(body)) body = await buffer(body)
        try {
          body = await apply(transformer, body, context)
        } catch (error) {
          failed(context.request, index, error)
        }
      }
      return body
    }
  }
}

/** Without a charset it is taken for UTF-8, as strings are sent in it. */
export function isUtf8 (type: unknown): boolean {
  const charset = /;\s*charset\s*=\s*["']?\s*([^\s"';]+)/i.exec(String(type))?.[1]
  return charset === undefined || /^(?:utf-?8|(?:us-)?ascii)$/i.test(charset)
}
