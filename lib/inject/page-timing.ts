// Tells a page its own path by `Server-Timing`, which its scripts can read.
import type { FastifyReply, FastifyRequest } from 'fastify'

/** A path as browsers write it in `location`, and as it may stand in quotes. */
const PATH = /^\/(?![/\\])[!#-[\]-~]*$/
const PAGE_ENTRY = /(?<![\w-])page;desc="[^"]*"(,\s*)?/g
const FILE_ENTRY = /(?<![\w-])file;desc="[^"]*"(,\s*)?/g

/** Names the path as the app knows it, before `rewriteUrl`. A page that the app `made` from a file and more does not name the file any longer. */
export function addPageTiming ({ originalUrl, headers }: FastifyRequest, reply: FastifyReply, made: boolean): void {
  if (headers['sec-fetch-dest'] !== 'document') return
  const [path] = originalUrl.split('?', 1) as [string]
  // Another app behind this one may have named its own path.
  const given = String(reply.getHeader('server-timing') ?? '').replace(PAGE_ENTRY, '')
  const others = (made ? given.replace(FILE_ENTRY, '') : given).replace(/,\s*$/, '')
  const entries = [others, PATH.test(path) ? `page;desc="${path}"` : ''].filter(entry => entry !== '')
  reply.removeHeader('server-timing')
  if (entries.length > 0) reply.header('server-timing', entries.join(', '))
}
