// One root: the bytes of a file that was found. HTML from memory as one Buffer, everything else by @fastify/static.
import type { Stats } from 'node:fs'
import { join } from 'node:path'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { errors } from '../errors.js'
import { createFileGate, whyNot, type GateRoot } from './file-gate.js'
import { findFile, type Found, type FoundFile, type Places } from './find-file.js'
import type { PageCache } from './page-cache.js'
import { judgeNames } from './path-gate.js'
import { sendChecked } from './send-verified.js'

/** `reply.sendFile` of @fastify/static, for one root. */
export type SendFile = (this: FastifyReply, name: string, options: Record<string, unknown>) => unknown

export interface ServedRoot extends GateRoot, Places {
  readonly prefix: string
  readonly spa: string | false
  /** HTML may go out from memory: nothing was asked of @fastify/static that only it can do. */
  readonly inMemory: boolean
  /** Set on pages from memory; `undefined` when somebody else decides. */
  readonly cacheControl: string | undefined
  readonly preCompressed: boolean
  /** Where the root begins for the page, if the page is to know which file it got. */
  readonly told: string | undefined
  readonly sendFile: SendFile
  readonly setHeaders: ((reply: FastifyReply, path: string, stat: Stats) => void) | undefined
}

const LARGEST = 2 * 1024 * 1024
const CONDITIONS = ['if-none-match', 'if-modified-since', 'range', 'if-match', 'if-unmodified-since']

export interface Place {
  /** False when this root has no such file. */
  serve (request: FastifyRequest, reply: FastifyReply, target: Wanted): Promise<boolean>
  /** False when this root has nothing to say about a missing file either. */
  serveMissing (request: FastifyRequest, reply: FastifyReply, target: Wanted, navigation: boolean): Promise<boolean>
}

export interface Wanted {
  readonly names: readonly string[]
  readonly directory: boolean
}

/** Hears of every file that goes out; with its content, if that is at hand, and what it is for, if the browser says so. */
export type Served = (path: string, body?: Buffer, dest?: string | string[]) => void

export function createPlace (root: ServedRoot, pages: PageCache, served: Served = () => {}): Place {
  const gate = createFileGate(root)
  // Roots may share files, and yet allow different things.
  const mark = [root.prefix, root.path, root.followSymlinks, ''].join(' ')

  return {
    async serve (request, reply, { names, directory }) {
      // Judged before by what the most generous root of the prefix allows.
      if (judgeNames(names, root.dotfiles) !== undefined) return false
      const found = await findFile(root, names, directory)
      if (found.kind === 'missing') return false
      await serve(request, reply, found, names)
      return true
    },

    async serveMissing (request, reply, { names }, navigation) {
      const fallback = root.spa !== false && navigation ? await findFile(root, root.spa.split('/'), false) : undefined
      if (fallback?.kind === 'file') {
        await serve(request, reply, fallback, [])
        return true
      }
      // A file may be there in compressed form only.
      if (!root.preCompressed || judgeNames(names, root.dotfiles) !== undefined) return false
      served(join(root.path, ...names))
      sendFile(reply, `/${names.join('/')}`)
      return true
    }
  }

  async function serve (request: FastifyRequest, reply: FastifyReply, found: Exclude<Found, { kind: 'missing' }>, names: readonly string[]): Promise<void> {
    if (found.kind === 'refused') return refuse(reply, 403, found.reason)
    if (found.kind === 'file' && root.told !== undefined) tellFile(root.told, found, request, reply)
    if (found.kind === 'file' && isPage(found, request)) return sendPage(reply, found)
    if (found.kind === 'file') served(found.path, undefined, request.headers['sec-fetch-dest'])
    const objection = found.kind === 'file' ? await gate.objectTo(found.names, found.stat) : await gate.objectTo(names)
    if (objection !== undefined) return refuse(reply, 403, objection)
    if (found.kind === 'redirect') return redirect(request, reply, names)
    if (found.kind === 'file') return sendFile(reply, `/${found.names.join('/')}`)
    root.sendFile.call(reply, `/${[...names, ''].join('/')}`, { index: false })
  }

  function isPage ({ path, stat }: FoundFile, { headers }: FastifyRequest): boolean {
    return root.inMemory && stat.size <= LARGEST && /\.html?$/i.test(path) && CONDITIONS.every(name => headers[name] === undefined)
  }

  async function sendPage (reply: FastifyReply, { names, path, stat }: FoundFile): Promise<void> {
    const key = mark + path
    const page = pages.hit(key, stat) ?? await pages.load(key, path, stat, fd => checkOpen(names, fd))
    reply.header('content-type', 'text/html; charset=utf-8').header('accept-ranges', 'bytes')
    if (root.cacheControl !== undefined) reply.header('cache-control', root.cacheControl)
    if (page.whole) reply.header('etag', page.etag).header('last-modified', page.modified)
    root.setHeaders?.(reply, path, page.stat)
    served(path, page.body)
    reply.send(page.body)
  }

  function sendFile (reply: FastifyReply, name: string): void {
    sendChecked(reply, () => root.sendFile.call(reply, name, { dotfiles: 'allow' }), { root: root.path, check: checkOpen, fail: error => fail(reply, error) })
  }

  async function checkOpen (names: readonly string[], fd: number): Promise<void> {
    const objection = await gate.objectToOpen(names, fd)
    if (objection !== undefined) throw forbidden(403, objection)
  }
}

// What is read in a frame or a worker stays there: the page around it can not know what else went into that.
const ALONE = /frame|worker|embed|object/

/** `Server-Timing` is what a page may read of any of its resources: so it knows which files went into it. */
function tellFile (prefix: string, { names }: FoundFile, { headers }: FastifyRequest, reply: FastifyReply): void {
  if (ALONE.test(String(headers['sec-fetch-dest']))) return
  const others = reply.getHeader('server-timing')
  const file = `file;desc="${prefix}${names.map(encodeURIComponent).join('/')}"`
  reply.header('server-timing', others === undefined ? file : `${String(others)}, ${file}`)
}

/** Relative, so that it holds behind any prefix and never names another host. */
export function redirect ({ raw }: FastifyRequest, reply: FastifyReply, names: readonly string[]): void {
  const query = /\?.*$/s.exec(raw.url as string)?.[0] ?? ''
  reply.redirect(`./${encodeURIComponent(names[names.length - 1] as string)}/${query}`, 302)
}

export function refuse (reply: FastifyReply, status: 400 | 403 | 404, reason: string): void {
  if (status === 404) reply.callNotFound()
  else reply.send(forbidden(status, reason))
}

function forbidden (status: number, reason: string): Error {
  return Object.assign(new errors.FST_LIVE_RELOAD_FORBIDDEN_FILE(`live reload: this file is not served: ${reason}`), { statusCode: status })
}

export function fail (reply: FastifyReply, error: unknown): void {
  try {
    const seen = whyNot(error)
    if (seen.kind === 'refused') refuse(reply, 403, seen.reason)
    else reply.callNotFound()
  } catch {
    reply.send(error)
  }
}
