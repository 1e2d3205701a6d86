// Answers what @fastify/static would not: hosts that are not allowed, directories without their slash, pages whose build still runs, and the fallback of a single-page app.
import { send } from '@fastify/send'
import type { IncomingMessage } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { checkNames, splitPath } from '../shared/file-gate.js'
import { isNavigation } from '../shared/navigation.js'
import type { Options } from './options.js'
import { allow, findFile, type Found, type FoundFile, type StaticRoot } from './static-root.js'
import { redirect, type HostGate, type RedirectToRoot } from './trailing-slash.js'

export interface FallbackParts {
  readonly hostGate: HostGate
  /** Waits while the first builds run; true when there was something to wait for. */
  waitForFirstBuilds? (): Promise<boolean>
  /** True while pages get another ETag on their way out: a conditional request for one is answered in full here. */
  stampsPages? (): boolean
  readonly redirectToRoot: RedirectToRoot
  readonly options: Options
}

type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>

const CONDITIONS = ['if-none-match', 'if-modified-since', 'if-range']

/** A `preHandler` hook for the route of @fastify/static. Replies, or leaves the request to that route. */
export function createFallback (roots: readonly StaticRoot[], parts: FallbackParts): Handler {
  return async (request, reply) => {
    const host = parts.hostGate(request)
    if (!host.ok) return reply.code(host.status ?? 403).header('x-content-type-options', 'nosniff').type('text/plain; charset=utf-8').send(host.message)
    const { '*': path } = request.params as { '*': string }
    const names = splitPath(path)
    const open = names === undefined ? [] : roots.filter(root => checkNames(names, root.dotfiles) === undefined)
    // @fastify/static refuses the others.
    if (names === undefined || open.length === 0) return

    const find = () => first(open, root => findFile(root, names, path.endsWith('/')))
    const isPage = isNavigation(request, names.at(-1) ?? '')
    const found = find()
    if (found !== undefined) return replyWith(found)
    if (parts.redirectToRoot(request, reply)) return reply
    if (!isPage) return
    const late = await parts.waitForFirstBuilds?.() && find()
    return late ? replyWith(late) : sendFallback()

    function replyWith (found: Found): unknown {
      if (found.kind === 'directory') {
        // Its names have passed already. Everything else that is wrong with it is thrown.
        allow(found.root, found.names)
        return redirect(request, reply, found.names.at(-1) as string)
      }
      const stamped = parts.stampsPages?.() && /\.html?$/i.test(found.names.at(-1) as string)
      return stamped && CONDITIONS.some(name => name in request.headers) ? sendPage(request, reply, found, parts) : undefined
    }

    function sendFallback (): unknown {
      const page = first(open, root => root.spa === false ? undefined : findFile(root, root.spa.split('/'), false))
      return page?.kind === 'file' ? sendPage(request, reply, page, parts) : undefined
    }
  }
}

async function sendPage ({ raw }: FastifyRequest, reply: FastifyReply, { root, names }: FoundFile, { stampsPages, options }: FallbackParts): Promise<unknown> {
  if (!allow(root, names)) return
  const asked = stampsPages?.() ? { method: raw.method, headers: {} } as IncomingMessage : raw
  const { type, statusCode, headers, stream, metadata } = await send(asked, encodeURI(`/${names.join('/')}`), { ...options, root: root.path })
  if (type !== 'file') return
  reply.code(statusCode).headers(headers)
  options.setHeaders(reply, metadata.path, metadata.stat)
  return reply.send(stream)
}

function first<T, R> (all: readonly T[], find: (one: T) => R | undefined): R | undefined {
  for (const one of all) {
    const found = find(one)
    if (found !== undefined) return found
  }
  return undefined
}
