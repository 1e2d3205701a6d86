// What the plugin's own routes share. They work the same whatever parsers, error handlers and limits the app has.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { isLoopback } from './navigation.js'

/** Part of the options of each of our routes. @fastify/rate-limit reads it before a hook of ours could add it. */
export const OWN_ROUTE = { config: { liveReload: false, rateLimit: false } } as const

/** The same for the scripts of pages, which `security.rateLimit` lets pass. */
export const SCRIPT_ROUTE = { config: { ...OWN_ROUTE.config, isLiveReloadScript: true } } as const

export function isScript ({ routeOptions: { config } }: FastifyRequest): boolean {
  return (config as { isLiveReloadScript?: true }).isLiveReloadScript === true
}

/** True for a request from the machine of the server: what starts programs takes no other. */
export function isFromHere ({ raw: { socket } }: FastifyRequest): boolean {
  return isLoopback(String(socket.remoteAddress))
}

const PAGE_HEADERS = { 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' }

/** On every text of the plugin that a browser may show as a page. */
export const TEXT_HEADERS = { ...PAGE_HEADERS, 'content-type': 'text/plain; charset=utf-8', 'content-security-policy': "default-src 'none'; frame-ancestors 'none'" }

/** On pages of the plugin that appear in place of a page of the app, also in the app's own frames. They hold the client and one style, and nothing inline. */
export function pageHeaders (style = "'none'"): Record<string, string> {
  return {
    ...PAGE_HEADERS,
    'content-security-policy': `default-src 'none'; style-src ${style}; script-src 'self'; connect-src 'self' ws:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; require-trusted-types-for 'script'`
  }
}

/** Requests that the plugin has refused: what else is refused, a hook of the app has. */
export const refused = new WeakSet<FastifyRequest>()

/** Reads parameters of the query, as the URL has them: what the app's `querystringParser` makes of them may be anything. `undefined` for one that is absent or repeated. */
export function paramsOf (url: string): (name: string) => string | undefined {
  const query = url.indexOf('?')
  const params = new URLSearchParams(query === -1 ? '' : url.slice(query + 1))
  return name => {
    const values = params.getAll(name)
    return values.length === 1 ? values[0] : undefined
  }
}

/** One of them. */
export function paramOf (url: string, name: string): string | undefined {
  return paramsOf(url)(name)
}

/** For routes that take one small JSON object. Bodies arrive as text. `refuse` answers a body of another type or of more than `maxBytes`, and whatever a hook throws. */
export function acceptJson (scope: FastifyInstance, maxBytes: number, refuse: (reply: FastifyReply, status: number, message: string) => void): void {
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser('application/json', { parseAs: 'string', bodyLimit: maxBytes }, (_request, body, done) => done(null, body))
  scope.setErrorHandler((error: { statusCode?: number, message: string }, _request, reply) => refuse(reply, error.statusCode ?? 500, error.message))
}

/** The object in a body, or an empty one. */
export function parseJson (body: unknown): Record<string, unknown> {
  try {
    return Object(JSON.parse(String(body)))
  } catch {
    return {}
  }
}
