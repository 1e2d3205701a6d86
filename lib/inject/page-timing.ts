// Tells a page its own path by `Server-Timing`, which its scripts can read.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { destOf } from '../shared/navigation.js'

/** A path as browsers write it in `location`, and as it may stand in quotes. */
const PATH = /^\/(?![/\\])[!#-[\]-~]*$/
const PAGE_ENTRY = /(?<![\w-])page;desc="[^"]*"(,\s*)?/g
const FILE_ENTRY = /(?<![\w-])file;desc="[^"]*"(,\s*)?/g

/** What is read in a frame stays there: the page around it is not told. */
const SEPARATE = /frame|embed|object/

/** Says what a page was made from, in place of the file of a root that it may be. */
export function addPageName ({ headers }: FastifyRequest, reply: FastifyReply, name: string): void {
  const others = String(reply.getHeader('server-timing') ?? '').replace(FILE_ENTRY, '').replace(/,\s*$/, '')
  const entry = SEPARATE.test(String(headers['sec-fetch-dest'])) ? '' : `file;desc="${name}"`
  setTiming(reply, [others, entry])
}

/** Names the path as the app knows it, before `rewriteUrl`. A page that the app `made` from a file and more does not name the file any longer. */
export function addPageTiming ({ originalUrl, headers }: FastifyRequest, reply: FastifyReply, made: boolean): void {
  if (destOf({ headers }) !== 'document') return
  const [path] = originalUrl.split('?', 1) as [string]
  // Another app behind this one may have named its own path.
  const given = String(reply.getHeader('server-timing') ?? '').replace(PAGE_ENTRY, '')
  const others = (made ? given.replace(FILE_ENTRY, '') : given).replace(/,\s*$/, '')
  setTiming(reply, [others, PATH.test(path) ? `page;desc="${path}"` : ''])
}

function setTiming (reply: FastifyReply, entries: readonly string[]): void {
  const given = entries.filter(entry => entry !== '')
  reply.removeHeader('server-timing')
  if (given.length > 0) reply.header('server-timing', given.join(', '))
}
