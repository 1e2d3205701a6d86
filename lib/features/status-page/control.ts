// `POST <path>/control`: what the buttons of the status page do.
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { HotPlugins } from '../../../types/hot-plugins.js'
import type { LiveReload } from '../../../types/live-reload.js'
import type { Transport } from '../../../types/transport.js'
import { acceptJson, OWN_ROUTE, parseJson, TEXT_HEADERS } from '../../shared/own-routes.js'

const MAX_BODY_BYTES = 1024
const EXPECTED = "expected { action: 'reload' | 'build' | 'pause' | 'resume' }, { action: 'transport', transport }, as status().transports names them, { action: 'plugins', watch: boolean }, or { action: 'plugin', plugin, do: 'reload' | 'enable' | 'disable' }"

/** Adds the route to a scope that lets in only requests with the token. */
export function serveControl (scope: FastifyInstance, live: LiveReload): void {
  acceptJson(scope, MAX_BODY_BYTES, refuse)
  scope.post('/control', OWN_ROUTE, ({ body }, reply) => {
    if (!act(parseJson(body), live)) return refuse(reply, 400, EXPECTED)
    reply.code(204).send()
  })
}

function act ({ action, transport, ...rest }: Record<string, unknown>, live: LiveReload): boolean {
  if (action === 'plugin' || action === 'plugins') return actOnPlugins(rest, live.plugins)
  if (action === 'transport' && isTransport(transport, live)) live.reconnect(transport)
  else if (action === 'reload' || action === 'build' || action === 'pause' || action === 'resume') live[action]()
  else return false
  return true
}

function isTransport (name: unknown, live: LiveReload): name is Transport {
  return typeof name === 'string' && Object.hasOwn(live.status().transports, name)
}

/** What became of it is on the page a moment later. */
function actOnPlugins ({ plugin, do: what, watch }: Record<string, unknown>, plugins: HotPlugins): boolean {
  if (watch === true) plugins.start()
  else if (watch === false) plugins.stop()
  else if ((what === 'reload' || what === 'enable' || what === 'disable') && plugins.list().some(({ name }) => name === plugin)) plugins[what](plugin as string)
  else return false
  return true
}

function refuse (reply: FastifyReply, status: number, message: string): void {
  reply.code(status).headers(TEXT_HEADERS).send(`live reload: ${message}`)
}
