// Answers what @fastify/static would not: hosts that are not allowed, directories without their slash, pages whose build still runs, and the fallback of a single-page app.
import { send } from '@fastify/send'
import type { IncomingMessage } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { checkNames, splitPath } from '../shared/file-gate.js'
import { isNavigation } from '../shared/navigation.js'
import { TEXT_HEADERS } from '../shared/own-routes.js'
import type { Options } from './options.js'
import { readPage } from './read-page.js'
import { allow, findFile, first, type Found, type FoundFile, type StaticRoot } from './static-root.js'
import { redirect, type HostGate, type RedirectToRoot } from './trailing-slash.js'

export interface FallbackParts {
  readonly hostGate: HostGate
  /** Waits while the first builds run; true when there was something to wait for. */
  waitForFirstBuilds? (): Promise<boolean>
  /** True while pages get another ETag on their way out: their requests are answered here, a conditional one in full. */
  stampsPages? (): boolean
  readonly redirectToRoot: RedirectToRoot
  readonly options: Options
}

/** Leaves the request to @fastify/static. */
export type Serve = () => unknown

/** A fragment or an encoded slash in the path. */
const AMBIGUOUS = /^[^?]*(?:#|%2f|%5c)/i
const CONDITIONS = ['if-none-match', 'if-modified-since', 'if-range']

/** Comes before the handler of @fastify/static: a hook would cost more, and would answer before later hooks of the app were asked. */
export function createFallback (roots: readonly StaticRoot[], parts: FallbackParts): (request: FastifyRequest, reply: FastifyReply, serve: Serve) => unknown {
  return (request, reply, serve) => {
    const host = parts.hostGate(request)
    if (!host.ok) return reply.code(host.status ?? 403).headers(TEXT_HEADERS).send(host.message)
    const { '*': path } = request.params as { '*': string }
    const names = splitPath(path)
    const open = names === undefined ? [] : roots.filter(root => checkNames(names, root.dotfiles) === undefined)
    // @fastify/static refuses the others.
    if (names === undefined || open.length === 0) return serve()

    const find = () => first(open, root => findFile(root, names, path.endsWith('/')))
    const found = find()
    if (found !== undefined) return replyWith(found)
    if (parts.redirectToRoot(request, reply)) return reply
    return isNavigation(request, names.at(-1) ?? '') ? replyLate() : serve()

    function replyWith (found: Found): unknown {
      if (found.kind === 'directory') {
        // Its names have passed already. Everything else that is wrong with it is thrown.
        allow(found.root, found.names, found.stat)
        return redirect(request, reply, found.names.at(-1) as string)
      }
      // @fastify/static refuses it: routes of the app that guard a file may not have matched.
      if (AMBIGUOUS.test(request.raw.url as string)) return serve()
      const whole = isWholePage(request, found, parts)
      // Compressed copies are left to @fastify/static.
      return whole || parts.options.preCompressed !== true ? sendFile(found, whole) : serve()
    }

    async function sendFile ({ root, names, stat }: FoundFile, whole: boolean): Promise<unknown> {
      if (!allow(root, names, stat)) return serve()
      const { raw } = request
      const reads = whole && raw.method === 'GET'
      // For HEAD it opens no file.
      const asked = whole ? { method: reads ? 'HEAD' : raw.method, headers: {} } as IncomingMessage : raw
      const { type, statusCode, headers, stream, metadata } = await send(asked, encodeURI(`/${names.join('/')}`), { ...parts.options, root: root.path })
      if (type !== 'file') return serve()
      if (reply.statusCode === 200) reply.code(statusCode)
      reply.headers(headers)
      parts.options.setHeaders(reply, metadata.path, metadata.stat)
      return reply.send(reads ? readPage(reply, root, metadata.path, metadata.stat) : stream)
    }

    async function replyLate (): Promise<unknown> {
      const late = await parts.waitForFirstBuilds?.() && find()
      if (late) return replyWith(late)
      const page = first(open, root => root.spa === false ? undefined : findFile(root, root.spa.split('/'), false))
      return page?.kind === 'file' ? sendFile(page, parts.stampsPages?.() === true) : serve()
    }
  }
}

/** Pages that get another ETag on their way out are sent in full, but for a part of one. */
function isWholePage ({ headers }: FastifyRequest, { names }: FoundFile, { stampsPages, options }: FallbackParts): boolean {
  if (!stampsPages?.() || !/\.html?$/i.test(names.at(-1) as string)) return false
  return CONDITIONS.some(name => name in headers) || (headers.range === undefined && options.preCompressed !== true)
}
