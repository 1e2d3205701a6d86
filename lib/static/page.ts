// `GET <path>/page?url=/x`: what this app answers to a navigation there, by an address that every policy which lets a page connect to us lets it ask.
import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

/** Says that what is sent is no page of its own: there is no such route, so it is somebody else's, or it leads on. */
const NONE = 'x-no-page'
const LONGEST = 8192
/** A path as browsers write it in `location`: printable, and no beginning of another host. */
const PATH = /^\/(?![/\\])[!-[\]-~]*$/
const TOLD = /(?<![\w-])page;desc="[^"]*"(,\s*)?/g
const FILE = /(?<![\w-])file;desc="[^"]*"(,\s*)?/g
const NAVIGATION = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8', 'sec-fetch-dest': 'document', 'sec-fetch-mode': 'navigate' }

const asking = new WeakSet<IncomingMessage>()

/** Adds the route to a scope that has the gate. `base` is where our own routes are: `/__live/`. */
export function servePage (scope: FastifyInstance, app: FastifyInstance, base: string): void {
  scope.get('/page', { exposeHeadRoute: false, config: { liveReload: false } }, (request, reply) => {
    const { url, base: seen } = request.query as { url?: unknown, base?: unknown }
    const path = pathOf(url, String(seen), base)
    if (path === undefined) return reply.code(400).header(NONE, '1').type('text/plain; charset=utf-8').send('live reload: `url` has to be the path of a page of this app')
    const { raw } = request
    keepOwn(raw, reply, path)
    // The very request, with its cookies and its socket; mostly only the head of the answer will be read.
    asking.add(raw)
    Object.assign(raw.headers, NAVIGATION)
    reply.hijack()
    app.routing(raw, reply.raw)
  })
}

/** Whoever hears of the end of our own request finds it under its own address, and with our headers if nobody else sends any. */
function keepOwn (raw: IncomingMessage, reply: FastifyReply, path: string): void {
  const own = raw.url
  const back = () => { raw.url = own }
  // Between the two: what listens already is ours, what comes is the page's.
  reply.raw.prependOnceListener('finish', back).once('finish', () => { raw.url = path }).once('close', back)
  raw.url = path
}

/** Must be added before the app's routes, and before the injection. `ours`: headers of everything that our routes answer. */
export function answerAsking (app: FastifyInstance, ours: Readonly<Record<string, string>>): void {
  app.addHook('onRequest', (request, reply, done) => {
    if (asking.has(request.raw)) {
      for (const [name, value] of Object.entries(ours)) reply.raw.setHeader(name, value)
      if (request.is404) reply.header(NONE, '1')
    }
    done()
  })
  // Policies end where a redirect begins. That the page would be led on is answer enough.
  app.addHook('onSend', (request, reply, payload: unknown, done) => {
    if (asking.has(request.raw)) {
      if (leadsOn(reply)) reply.code(200).header(NONE, '1').removeHeader('location').type('text/html; charset=utf-8')
      for (const name of Object.keys(reply.getHeaders())) if (name.startsWith('access-control-')) reply.removeHeader(name)
      reply.headers(ours)
    }
    done(null, payload)
  })
}

/** A page can read `Server-Timing` of itself, where browsers say what they ask for: so it knows its address as this app does, before `rewriteUrl`. One that is `made` of a file and more is no file. */
export function tellPath ({ originalUrl, headers }: FastifyRequest, reply: FastifyReply, made: boolean): void {
  if (headers['sec-fetch-dest'] !== 'document') return
  const [path] = originalUrl.split('?', 1) as [string]
  // Another app behind this one may have told its own.
  const told = String(reply.getHeader('server-timing') ?? '').replace(TOLD, '')
  const others = (made ? told.replace(FILE, '') : told).replace(/,\s*$/, '')
  const page = PATH.test(path) && !path.includes('"') ? `page;desc="${path}"` : ''
  reply.removeHeader('server-timing')
  if (page || others) reply.header('server-timing', page && others ? `${others}, ${page}` : page || others)
}

function leadsOn (reply: FastifyReply): boolean {
  return reply.statusCode >= 300 && reply.statusCode < 400 && reply.hasHeader('location')
}

/** The path as this app knows it: a proxy may have cut off a prefix, of pages as of our own address. */
function pathOf (url: unknown, seen: string, base: string): string | undefined {
  if (typeof url !== 'string' || url.length > LONGEST || !PATH.test(url)) return undefined
  const prefix = seen.endsWith(base) ? seen.slice(0, -base.length) : ''
  const path = url.startsWith(`${prefix}/`) ? url.slice(prefix.length) : url
  if (!PATH.test(path)) return undefined
  // As the laxest router would read it. Nobody gets into a circle here, each turn is shorter; but there is nothing to be had.
  const plain = new URL(path, 'http://localhost').pathname.replace(/%([2-7][\da-f])/gi, (_, code: string) => String.fromCharCode(parseInt(code, 16))).replace(/\/+/g, '/')
  return `${plain}/`.toLowerCase().startsWith(base.toLowerCase()) ? undefined : path
}
