// What the page loads, as routes: read once, known by the hash of its content.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { IncomingHttpHeaders } from 'node:http'
import { fileURLToPath } from 'node:url'
import type { FastifyInstance } from 'fastify'
import { errors } from '../errors.js'

export interface ClientBundle {
  readonly body: Buffer
  readonly hash: string
}

export interface ClientFiles {
  /** Of all together: the page knows the addresses of the others by that of the first. */
  readonly hash: string
  readonly files: Readonly<Record<string, ClientBundle>>
}

/** The script of every page, the modules it imports when there is something to show or to do, the script of the status page. */
const NAMES = ['client', 'more', 'morph', 'status', 'console']
const FOLDER = new URL('../browser/', import.meta.url)
let own: ClientFiles | undefined

/** @throws FST_LIVE_RELOAD_NO_CLIENT when the bundle was never built. */
export function readBundle (url: URL): ClientBundle {
  let body: Buffer
  try {
    body = readFileSync(url)
  } catch (cause) {
    throw Object.assign(new errors.FST_LIVE_RELOAD_NO_CLIENT(fileURLToPath(url)), { cause })
  }
  return { body, hash: hashOf(body) }
}

/** @throws FST_LIVE_RELOAD_NO_CLIENT */
export function readClient (folder = FOLDER): ClientFiles {
  const bundles = NAMES.map(name => readBundle(new URL(`${name}.min.js`, folder)))
  return {
    hash: hashOf(bundles.map(({ hash }) => hash).join()),
    files: Object.fromEntries(NAMES.map((name, i) => [`/${name}.js`, bundles[i] as ClientBundle]))
  }
}

/** For `?v=` of the script tag: a copy under this name may be kept for ever. */
export function clientHash (): string {
  return ownClient().hash
}

/** `GET` and `HEAD` of `/client.js` and the modules below the prefix of `scope`. */
export function serveClient (scope: FastifyInstance, client: ClientFiles = ownClient()): void {
  for (const [url, bundle] of Object.entries(client.files)) serveBundle(scope, url, bundle, client.hash)
}

function serveBundle (scope: FastifyInstance, url: string, { body, hash }: ClientBundle, version: string): void {
  const etag = `"${hash}"`
  scope.route<{ Querystring: { v?: string } }>({
    method: ['GET', 'HEAD'],
    url,
    schema: { hide: true } as object,
    config: { liveReload: false },
    handler (request, reply) {
      reply.headers({
        etag,
        'cache-control': request.query.v === version ? 'public, max-age=31536000, immutable' : 'no-cache',
        'cross-origin-resource-policy': ['/client.js', '/console.js'].includes(url) && isOurs(request.raw.headers) ? 'cross-origin' : 'same-origin',
        'x-content-type-options': 'nosniff'
      })
      if (isKnown(request.headers['if-none-match'], etag)) return reply.code(304).send()
      return reply.type('text/javascript; charset=utf-8').send(body)
    }
  })
}

// A sandboxed frame of ours has no origin to be the same as: the script runs there to find that it has nothing to do, else the console shows an error.
function isOurs ({ referer, host, ':authority': authority }: IncomingHttpHeaders): boolean {
  const [, from] = /^https?:\/\/([^/]+)\//i.exec(referer ?? '') ?? []
  return from !== undefined && [host, authority].includes(from)
}

// Compression in front of us may have weakened the tag it passed on.
function isKnown (header: string | undefined, etag: string): boolean {
  return header !== undefined && header.split(',').some(one => one.trim() === '*' || one.trim().replace(/^W\//, '') === etag)
}

function hashOf (content: Buffer | string): string {
  return createHash('sha256').update(content).digest('base64url').slice(0, 16)
}

function ownClient (): ClientFiles {
  own ??= readClient()
  return own
}
