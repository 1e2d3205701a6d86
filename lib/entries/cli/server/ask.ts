// One command to one server, over what it listens on.
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { removeServer, type FoundServer } from '../../../shared/command-line/server-file.js'
import { NoServerError } from '../command.js'
import { placeOf } from './find.js'

export interface Reply {
  readonly server: FoundServer
  readonly status: number
  /** With the `epoch` of the server. A refusal has a `message`. */
  readonly body: Readonly<Record<string, unknown>>
}

interface Raw { readonly status: number, readonly text: string }

/** A server that is up answers anything but a build at once. */
const TIMEOUT_MS = 10_000

/** A build ends by its own time limit. */
export const NO_TIMEOUT = Infinity

/** Asks all servers at the same time. @throws NoServerError when none answered as itself. */
export async function askAll (servers: readonly FoundServer[], command: object, timeout = TIMEOUT_MS): Promise<Reply[]> {
  const outcomes = await Promise.allSettled(servers.map(server => ask(server, command, timeout)))
  const replies = outcomes.flatMap(outcome => outcome.status === 'fulfilled' ? outcome.value : [])
  const failed = outcomes.find(outcome => outcome.status === 'rejected')
  if (replies.length === 0 && failed !== undefined) throw failed.reason
  return replies
}

async function ask (server: FoundServer, command: object, timeout: number): Promise<Reply> {
  const text = JSON.stringify(command)
  const raw = await post(server, text, timeout).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code === 'ECONNREFUSED' || error.code === 'ENOENT') {
      await removeServer(server)
      throw new NoServerError(`the server of ${server.cwd} is gone from ${placeOf(server)}: start it`)
    }
    throw new NoServerError(`the server of ${server.cwd} at ${placeOf(server)} did not answer (${error.name === 'AbortError' ? `within ${timeout} ms` : error.code}): see what it does, or start it again`)
  })
  const body = parse(raw.text)
  if (body?.epoch === server.epoch) return { server, status: raw.status, body }
  throw new NoServerError(`${placeOf(server)} answered ${raw.status}, which is not the server of ${server.cwd}, or a hook of the app refuses the command: start it again, or let the hook pass requests whose \`request.isLiveReload\` is true`)
}

function parse (text: string): Record<string, unknown> | undefined {
  try {
    return Object(JSON.parse(text))
  } catch {
    return undefined
  }
}

async function post (server: FoundServer, body: string, timeout: number): Promise<Raw> {
  const target = new URL(`${server.url}/command`)
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), 'x-live-reload-token': server.token }
  const signal = timeout === Infinity ? undefined : AbortSignal.timeout(timeout)
  return server.http2 === true ? postHttp2(server, target, headers, body, signal) : postHttp1(server, target, headers, body, signal)
}

async function postHttp1 ({ socket }: FoundServer, target: URL, headers: Record<string, string | number>, body: string, signal: AbortSignal | undefined): Promise<Raw> {
  const { request } = target.protocol === 'https:' ? await import('node:https') : await import('node:http')
  // The certificate of a development server is its own. It is on this machine, and must know the token's epoch.
  const sent = request(target, { method: 'POST', headers, rejectUnauthorized: false, ...socket !== undefined && { socketPath: socket }, ...signal && { signal } })
  sent.end(body)
  const [response] = await once(sent, 'response') as [IncomingMessage]
  return { status: response.statusCode as number, text: await read(response) }
}

async function postHttp2 ({ socket }: FoundServer, target: URL, headers: Record<string, string | number>, body: string, signal: AbortSignal | undefined): Promise<Raw> {
  const [{ connect: open }, net, tls] = await Promise.all([import('node:http2'), import('node:net'), import('node:tls')])
  const createConnection = () => target.protocol === 'https:' ? tls.connect({ path: socket as string, ALPNProtocols: ['h2'], rejectUnauthorized: false }) : net.connect(socket as string)
  const session = open(target.origin, { rejectUnauthorized: false, ...socket !== undefined && { createConnection } })
  try {
    // An error of the session reaches the stream as well.
    session.on('error', () => {})
    // Node leaves out the brackets of an IPv6 address.
    const stream = session.request({ ':method': 'POST', ':path': target.pathname, ':authority': target.host, ...headers }, signal && { signal })
    stream.end(body)
    const [{ ':status': status }] = await once(stream, 'response') as [{ ':status': number }]
    return { status, text: await read(stream) }
  } finally {
    session.destroy()
  }
}

async function read (stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}
