// The address of a root without the slash at its end leads to the one with it, where nothing else answers.
import type { FastifyInstance } from 'fastify'
import type { RootSettings } from '../options/parse.js'
import type { HostGate, LeadToSlash } from './answer.js'
import { redirect } from './static-root.js'

/** No route of its own: one of the app there, whenever it comes, is the app's alone. */
export function leadToSlash (app: FastifyInstance, roots: readonly RootSettings[], hostGate: HostGate): LeadToSlash {
  const names = new Map<string, string>()
  for (const { prefix, static: { redirect = true, constraints } } of roots) {
    const path = (app.prefix + prefix).slice(0, -1)
    if (path !== '' && redirect !== false && constraints === undefined) names.set(encodeURI(path), path.slice(path.lastIndexOf('/') + 1))
  }
  const lead: LeadToSlash = (request, reply) => {
    const [path] = (request.raw.url as string).split('?', 1) as [string]
    const name = names.get(path)
    if (name === undefined || (request.method !== 'GET' && request.method !== 'HEAD')) return false
    redirect(request, reply, [name])
    return true
  }
  if (names.size > 0) {
    app.addHook('onRequest', (request, reply, done) => {
      if (!request.is404 || !hostGate(request).ok || !lead(request, reply)) done()
    })
  }
  return lead
}
