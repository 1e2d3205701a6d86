// Warns of pages that miss the client because the plugin is registered inside of a scope. Whether such pages exist shows when the first is sent: fastify-cli makes a scope around a whole app, where nothing is missed.
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { isNavigation } from '../../shared/navigation.js'
import { printable } from '../../shared/text.js'

const MAX_CHARACTERS = 200

/** Warns once. With a prefix the scope is meant. */
export function warnOfPagesOutside (app: FastifyInstance, log: FastifyBaseLogger): void {
  const top = outermost(app)
  if (top === app || app.prefix !== '') return
  let hasWarned = false
  top.addHook('onResponse', (request, reply, done) => {
    if (!hasWarned && isOutside(request) && isPage(request, reply)) {
      hasWarned = true
      const route = printable(`${request.method} ${request.routeOptions.url ?? '(not found)'}`, MAX_CHARACTERS)
      log.warn(`live reload: ${route} answers a page from outside of the scope that the plugin is registered in, so the page gets no script. Register the plugin in the app itself, or wrap the plugin around it in fastify-plugin. If the route is meant to have none, give it \`config: { liveReload: false }\``)
    }
    done()
  })
}

/** Fastify makes a scope by deriving it from the instance above. */
function outermost (app: FastifyInstance): FastifyInstance {
  const above = Object.getPrototypeOf(app) as FastifyInstance
  return 'register' in above ? outermost(above) : app
}

/** What the plugin decorates is seen in its scope only. */
function isOutside (request: FastifyRequest): boolean {
  return !Reflect.has(request, 'isLiveReload') && request.routeOptions.config?.liveReload !== false
}

function isPage (request: FastifyRequest, reply: FastifyReply): boolean {
  if (!/^\s*text\/html\s*(?:;|$)/i.test(String(reply.getHeader('content-type')))) return false
  return (reply.statusCode < 300 || reply.statusCode >= 400) && isNavigation(request, request.url.split('?', 1)[0] as string)
}
