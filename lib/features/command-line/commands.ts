// `POST <path>/command`: what programs outside of the server may ask for. Builds start programs, so requests come from this machine only.
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { LiveReload } from '../../../types/live-reload.js'
import { errors } from '../../errors.js'
import type { Settings } from '../../options/settings.js'
import { clock } from '../../shared/clock.js'
import { acceptJson, isFromHere, OWN_ROUTE, parseJson, refused } from '../../shared/own-routes.js'
import { isUsed } from './uses.js'

type Asked = Record<string, unknown>
type Answer = readonly [status: number, body: object]

const MAX_BODY_BYTES = 256 * 1024
const EXPECTED = "expected { command: 'reload', paths?: string[], urls?: string[] }, { command: 'build', name?: string } or { command: 'status' }"

/** Adds the route to a scope that lets in only requests with the token. Every answer has the `epoch`, so that the asker knows who it is from. */
export function serveCommands (scope: FastifyInstance, live: LiveReload, { builds }: Pick<Settings, 'builds'>): void {
  const answer = (reply: FastifyReply, [status, body]: Answer): void => {
    // Sent as text, so that preSerialization hooks of the app do not change it.
    reply.code(status).type('application/json; charset=utf-8').send(JSON.stringify({ epoch: live.epoch, ...body }))
  }
  const refuse = (reply: FastifyReply, status: number, message: string): void => answer(reply, [status, { message }])
  acceptJson(scope, MAX_BODY_BYTES, refuse)
  scope.addHook('onRequest', (request, reply, done) => {
    if (isFromHere(request) || isOwnAddress(request.raw.socket) || typeof scope.server.address() === 'string') return done()
    refused.add(request)
    refuse(reply, 403, 'only programs on the machine of the server may give commands')
  })
  scope.post('/command', OWN_ROUTE, async ({ body }, reply) => {
    answer(reply, await act(parseJson(body), live, builds.map(({ name }) => name)) ?? [400, { message: EXPECTED }])
    return reply
  })
}

/** An app that listens on one address of its machine sees programs of that machine come from the same one. */
function isOwnAddress ({ localAddress, remoteAddress }: { readonly localAddress?: string | undefined, readonly remoteAddress?: string | undefined }): boolean {
  return remoteAddress !== undefined && localAddress === remoteAddress
}

async function act ({ command, paths, urls, name }: Asked, live: LiveReload, names: readonly string[]): Promise<Answer | undefined> {
  if (command === 'status') return [200, { status: live.status() }]
  if (command === 'build' && (name === undefined || typeof name === 'string')) return build(live, names, name)
  if (command === 'reload' && isList(paths) && isList(urls)) return reload(live, paths, urls)
  return undefined
}

/** Files alone are shown in place where tabs can do that, and only by those that use them. */
async function reload (live: LiveReload, paths: readonly string[] = [], urls: readonly string[] | undefined): Promise<Answer> {
  const told = { tabs: live.clients, paused: live.status().paused }
  if (paths.length > 0 && urls === undefined) {
    if (!told.paused) return [200, { ...told, used: await isUsed(live, clock, () => live.update(paths)) }]
    live.update(paths)
  } else live.reload({ paths, ...urls !== undefined && { urls } })
  return [200, told]
}

async function build (live: LiveReload, names: readonly string[], name: string | undefined): Promise<Answer> {
  if (name !== undefined && !names.includes(name)) return [404, { message: new errors.FST_LIVE_RELOAD_NO_SUCH_BUILD(name, names.join(', ') || 'none').message }]
  const results = await live.build(name)
  const chosen = name === undefined ? names : [name]
  return [200, { builds: results.map((result, i) => ({ name: chosen[i], result })) }]
}

function isList (value: unknown): value is string[] | undefined {
  return value === undefined || (Array.isArray(value) && value.every(one => typeof one === 'string' && one !== '' && !one.includes('\0')))
}
