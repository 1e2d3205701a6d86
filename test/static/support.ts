// A server over one or more roots, and requests byte by byte: fetch would put attacks right before they are sent.
import { connect, type AddressInfo } from 'node:net'
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import { parseOptions } from '../../lib/options/parse.js'
import { serveRoots, type StaticParts } from '../../lib/static/roots.js'
import type { LiveReloadOptions } from '../../types/options.js'

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  readonly text: string
}

export interface Site {
  readonly app: FastifyInstance
  readonly port: number
  get (target: string, headers?: Record<string, string>, method?: string): Promise<Answer>
}

interface Extras extends Partial<StaticParts> {
  readonly before?: (app: FastifyInstance) => unknown
  readonly after?: (app: FastifyInstance) => unknown
  readonly fastify?: FastifyServerOptions
}

type Test = { teardown (fn: () => unknown): void }

/** `options` as an app writes them; a bare `root` is enough. */
export async function serve (t: Test, options: LiveReloadOptions, { before, after, fastify, ...parts }: Extras = {}): Promise<Site> {
  const app = Fastify(fastify as object)
  t.teardown(() => app.close())
  await before?.(app)
  await serveRoots(app, parseOptions({ enabled: true, ...options }), { hostGate: () => ({ ok: true }), ...parts })
  await after?.(app)
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  return { app, port, get: (target, headers, method) => request(port, target, headers, method) }
}

export function request (port: number, target: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    const socket = connect(port, '127.0.0.1')
    socket.setTimeout(10_000, () => socket.destroy(new Error(`no answer to ${target}`)))
    socket.on('error', reject).on('data', chunk => chunks.push(chunk)).on('end', () => resolve(parse(Buffer.concat(chunks))))
    const lines = Object.entries({ Host: `localhost:${port}`, Connection: 'close', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`)
    socket.write(Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n`, 'latin1'))
  })
}

function parse (raw: Buffer): Answer {
  const end = raw.indexOf('\r\n\r\n')
  const [first = '', ...lines] = raw.subarray(0, end).toString('latin1').split('\r\n')
  const headers = Object.fromEntries(lines.map(line => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]))
  const rest = raw.subarray(end + 4)
  const body = headers['transfer-encoding'] === 'chunked' ? dechunk(rest) : rest
  return { status: Number(first.split(' ')[1]), headers, body, text: body.toString() }
}

function dechunk (raw: Buffer): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; ;) {
    const line = raw.indexOf('\r\n', at)
    const size = parseInt(raw.subarray(at, line).toString(), 16)
    if (!size) return Buffer.concat(parts)
    parts.push(raw.subarray(line + 2, line + 2 + size))
    at = line + 4 + size
  }
}
