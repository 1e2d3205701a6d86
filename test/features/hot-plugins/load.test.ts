// New versions from disk while many clients ask: no request fails, none gets an old answer after the swap, each ends on the version it began on.
import { Agent, request } from 'node:http'
import { performance } from 'node:perf_hooks'
import { test } from 'tap'
import { times } from '../../support/times.js'
import { startHot } from './support.js'

const CLIENTS = 30
const SLOW_MS = 120

const source = (version: number): string => `import { word } from './_word.js'
const version = ${version}
export default async fastify => {
  fastify.get('/fast', async () => ({ version }))
  fastify.post('/echo', { schema: { body: { type: 'object', properties: { n: { type: 'integer' } } } } }, async ({ body }) => ({ version, n: body.n, word }))
  fastify.get('/stream', (request, reply) => {
    reply.hijack()
    reply.raw.write('{"version":')
    setTimeout(() => reply.raw.end(version + '}'), 5)
  })
  fastify.get('/slow', async () => {
    await new Promise(resolve => setTimeout(resolve, ${SLOW_MS}))
    return { version }
  })
  fastify.get('/both', async (request, reply) => {
    reply.raw.write('{"first":' + version + ',')
    await new Promise(resolve => setTimeout(resolve, ${SLOW_MS}))
    reply.hijack()
    reply.raw.end('"version":' + version + '}')
  })
}
`

interface Answer { readonly path: string, readonly status: number, readonly sentAt: number, readonly version: number, readonly first?: number }

test('swaps from disk under load', async t => {
  const swaps = times(10, 100)
  const { port, after, files } = await startHot(t, { 'plugins/a.js': source(1), 'plugins/_word.js': "export const word = 'w'\n" }, {}, {}, { server: { logger: false } })
  const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS })
  t.teardown(() => agent.destroy())
  const answers: Answer[] = []
  const failures: string[] = []
  const end = new AbortController()
  const over = end.signal

  const ask = (path: string) => new Promise<void>(resolve => {
    const sentAt = performance.now()
    const body = path === '/echo' ? '{"n":"5"}' : undefined
    const sent = request({ port, path, agent, host: '127.0.0.1', method: body === undefined ? 'GET' : 'POST', headers: body === undefined ? {} : { 'content-type': 'application/json', 'content-length': body.length } }, response => {
      let text = ''
      response.on('data', chunk => { text += String(chunk) })
      response.on('error', error => { failures.push(`${path}: ${error.message}`); resolve() })
      response.on('end', () => {
        try {
          answers.push({ path, status: response.statusCode as number, sentAt, ...JSON.parse(text) as { version: number } })
        } catch {
          failures.push(`${path}: ${response.statusCode} ${text}`)
        }
        resolve()
      })
    })
    sent.on('error', error => { failures.push(`${path}: ${error.message}`); resolve() })
    sent.end(body)
  })
  const paths = ['/fast', '/fast', '/echo', '/fast', '/stream', '/fast', '/echo', '/slow', '/fast', '/both']
  const clients = Array.from({ length: CLIENTS }, async (_, client) => { for (let i = client; !over.aborted; i++) await ask(paths[i % paths.length] as string) })

  const swappedAt: number[] = []
  for (let version = 2; version <= swaps + 1; version++) {
    if (version % 10 === 0) await after('plugin:fail', () => files.write('plugins/a.js', `${source(version)}oops(`))
    await after('plugin:reload', () => files.write('plugins/a.js', source(version)))
    swappedAt[version] = performance.now()
  }
  end.abort()
  await Promise.all(clients)

  t.strictSame(failures, [], 'no request fails')
  t.strictSame(answers.filter(({ status }) => status !== 200), [], 'every answer is 200')
  const stale = answers.filter(({ sentAt, version }) => swappedAt.some((at, newer) => newer > version && sentAt > at))
  t.strictSame(stale, [], 'no old answer to a request that was sent after the swap')
  const torn = answers.filter(({ first, version }) => first !== undefined && first !== version)
  t.strictSame(torn, [], 'a long request ends on the version it began on')
  const long = answers.filter(({ path, sentAt, version }) => /slow|both/.test(path) && swappedAt.some((at, newer) => newer === version + 1 && at > sentAt))
  t.ok(long.length > 0, 'some long requests were open at a swap')
  t.comment(`${swaps} swaps, ${answers.length} requests, ${failures.length} failed, ${stale.length} stale, ${long.length} long ones open at a swap, ${torn.length} torn`)
})
