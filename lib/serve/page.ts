// `GET <path>/page?url=/x`: what this app answers to a navigation there, by an address that every policy which lets a page connect to us lets it ask.
import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

/** Says that what is sent is no page of its own: there is no such route, so it is somebody else's, or it leads on. */
const NONE = 'x-no-page'
const LONGEST = 8192
/** A path as browsers write it in `location`: printable, and no beginning of another host. */
const PATH = /^\/(?![/\\])[!-[\]-~]*$/
const NAVIGATION = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8', 'sec-fetch-dest': 'document', 'sec-fetch-mode': 'navigate' }

const asking = new WeakSet<IncomingMessage>()

/** Adds the route to a scope that has the gate. `base` is where our own routes are: `/__live/`. */
export function servePage (scope: FastifyInstance, app: FastifyInstance, base: string): void {
  scope.get('/page', { exposeHeadRoute: false, config: { liveReload: false } }, (request, reply) => {
    const { url, base: seen } = request.query as { url?: unknown, base?: unknown }
    const path = pathOf(url, String(seen), base)
    if (path === undefined) return reply.code(400).header(NONE, '1').type('text/plain; charset=utf-8').send('live reload: `url` has to be the path of a page of this app')
    const { raw } = request
    // The very request, with its cookies and its socket; mostly only the head of the answer will be read.
    asking.add(raw)
    raw.url = path
    Object.assign(raw.headers, NAVIGATION)
    reply.hijack()
    app.routing(raw, reply.raw)
  })
}

/** Must be added before the app's routes, and before the injection. */
export function answerAsking (app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    if (request.is404 && asking.has(request.raw)) reply.header(NONE, '1')
    done()
  })
  // Policies end where a redirect begins. That the page would be led on is answer enough.
  app.addHook('onSend', (request, reply, payload: unknown, done) => {
    if (leadsOn(reply) && asking.has(request.raw)) reply.code(200).header(NONE, '1').removeHeader('location').type('text/html; charset=utf-8')
    if (request.headers['sec-fetch-dest'] === 'document' && /html|svg/.test(String(reply.getHeader('content-type')))) tellPath(request, reply)
    done(null, payload)
  })
}

/** A page can read `Server-Timing` of itself, where browsers say what they ask for: so it knows its address as this app does. */
function tellPath ({ raw }: FastifyRequest, reply: FastifyReply): void {
  const [path] = (raw.url as string).split('?', 1) as [string]
  if (!PATH.test(path) || path.includes('"')) return
  const others = reply.getHeader('server-timing')
  const page = `page;desc="${path}"`
  reply.header('server-timing', others === undefined ? page : `${String(others)}, ${page}`)
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
  // As a router would read it. Nobody gets into a circle here, each turn is shorter; but there is nothing to be had.
  const plain = new URL(path, 'http://localhost').pathname.replace(/%([2-7][\da-f])/gi, (_, code: string) => String.fromCharCode(parseInt(code, 16)))
  return `${plain}/`.startsWith(base) ? undefined : path
}
