// The browser client as one route: read once, known by the hash of its content.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { FastifyInstance } from 'fastify'
import { errors } from '../errors.js'

export interface ClientBundle {
  readonly body: Buffer
  readonly hash: string
}

const BUNDLE = new URL('../browser/client.min.js', import.meta.url)
let bundle: ClientBundle | undefined

/** @throws FST_LIVE_RELOAD_NO_CLIENT when the bundle was never built. */
export function readBundle (url = BUNDLE): ClientBundle {
  let body: Buffer
  try {
    body = readFileSync(url)
  } catch (cause) {
    throw Object.assign(new errors.FST_LIVE_RELOAD_NO_CLIENT(fileURLToPath(url)), { cause })
  }
  return { body, hash: createHash('sha256').update(body).digest('base64url').slice(0, 16) }
}

/** For `?v=` of the script tag: a copy under this name may be kept for ever. */
export function clientHash (): string {
  return ownBundle().hash
}

/** `GET` and `HEAD /client.js` below the prefix of `scope`. */
export function serveClient (scope: FastifyInstance, { body, hash }: ClientBundle = ownBundle()): void {
  const etag = `"${hash}"`
  scope.route<{ Querystring: { v?: string } }>({
    method: ['GET', 'HEAD'],
    url: '/client.js',
    schema: { hide: true } as object,
    config: { liveReload: false },
    handler (request, reply) {
      reply.headers({
        etag,
        'cache-control': request.query.v === hash ? 'public, max-age=31536000, immutable' : 'no-cache',
        'cross-origin-resource-policy': 'same-origin',
        'x-content-type-options': 'nosniff'
      })
      if (isKnown(request.headers['if-none-match'], etag)) return reply.code(304).send()
      return reply.type('text/javascript; charset=utf-8').send(body)
    }
  })
}

// Compression in front of us may have weakened the tag it passed on.
function isKnown (header: string | undefined, etag: string): boolean {
  return header !== undefined && header.split(',').some(one => one.trim() === '*' || one.trim().replace(/^W\//, '') === etag)
}

function ownBundle (): ClientBundle {
  bundle ??= readBundle()
  return bundle
}
