// Redirects the URL of a root or directory without its last slash to the one with it.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { RootSettings } from '../options/settings.js'

export interface HostGate {
  (request: FastifyRequest): { readonly ok: true } | { readonly ok: false, readonly message: string, readonly status?: number }
}

/** True when it has replied. */
export type RedirectToRoot = (request: FastifyRequest, reply: FastifyReply) => boolean

/** Adds no route, so that a route of the app at that URL is never in conflict, whenever it is added. */
export function redirectToRoots (app: FastifyInstance, roots: readonly RootSettings[], hostGate: HostGate): RedirectToRoot {
  const names = new Map<string, string>()
  for (const { prefix, static: { redirect: wanted = true, constraints } } of roots) {
    const path = (app.prefix + prefix).slice(0, -1)
    if (path !== '' && wanted !== false && constraints === undefined) names.set(encodeURI(path), path.slice(path.lastIndexOf('/') + 1))
  }
  const redirectToRoot: RedirectToRoot = (request, reply) => {
    const name = names.get((request.raw.url as string).replace(/\?.*$/s, ''))
    if (name === undefined || (request.method !== 'GET' && request.method !== 'HEAD')) return false
    redirect(request, reply, name)
    return true
  }
  if (names.size > 0) {
    app.addHook('onRequest', (request, reply, done) => {
      if (!request.is404 || !hostGate(request).ok || !redirectToRoot(request, reply)) done()
    })
  }
  return redirectToRoot
}

/** `name` is the last one of the path. The location is relative, so that it holds behind any prefix and never names another host. */
export function redirect ({ raw }: FastifyRequest, reply: FastifyReply, name: string): FastifyReply {
  const query = /\?.*$/s.exec(raw.url as string)?.[0] ?? ''
  return reply.redirect(`./${encodeURIComponent(name)}/${query}`, 302)
}
