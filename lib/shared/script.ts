// Scripts of ours for the page: read once, known by the hash of their content.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { errors } from '../errors.js'
import { paramOf, SCRIPT_ROUTE } from './own-routes.js'

export interface Script {
  readonly body: Buffer
  readonly hash: string
}

export interface ScriptRoute {
  /** Below the prefix of the scope: `/client.js`. */
  readonly url: string
  /** A copy that was asked for by `?v=version` never changes. @default the script's own hash */
  readonly version?: string
  /** Who may load it. @default 'same-origin' */
  sharedWith? (request: FastifyRequest): 'same-origin' | 'cross-origin'
}

/** Reads a bundle of this package. @throws FST_LIVE_RELOAD_NO_CLIENT when the bundle was never built */
export function readScript (url: URL): Script {
  let body: Buffer
  try {
    body = readFileSync(url)
  } catch (cause) {
    throw Object.assign(new errors.FST_LIVE_RELOAD_NO_CLIENT(fileURLToPath(url)), { cause })
  }
  return { body, hash: hashOf(body) }
}

export function hashOf (content: Buffer | string): string {
  return createHash('sha256').update(content).digest('base64url').slice(0, 16)
}

/** Answers `GET` and `HEAD` of `url` below the prefix of `scope`. */
export function serveScript (scope: FastifyInstance, { body, hash }: Script, { url, version = hash, sharedWith }: ScriptRoute): void {
  const etag = `"${hash}"`
  scope.route({
    ...SCRIPT_ROUTE,
    method: ['GET', 'HEAD'],
    url,
    schema: { hide: true } as object,
    handler (request, reply) {
      reply.headers({
        etag,
        'cache-control': paramOf(request.url, 'v') === version ? 'public, max-age=31536000, immutable' : 'no-cache',
        'cross-origin-resource-policy': sharedWith?.(request) ?? 'same-origin',
        'x-content-type-options': 'nosniff'
      })
      if (listsTag(request.headers['if-none-match'], etag)) return reply.code(304).send()
      return reply.type('text/javascript; charset=utf-8').send(body)
    }
  })
}

// A proxy that compresses may have weakened the tag.
function listsTag (header: string | undefined, etag: string): boolean {
  return header !== undefined && header.split(',').some(one => one.trim() === '*' || one.trim().replace(/^W\//, '') === etag)
}
