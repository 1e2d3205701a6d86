import { connect } from 'node:net'
import Fastify from 'fastify'
import { test } from 'tap'
import { raw } from '../support/raw.js'
import { until } from '../support/wait.js'
import { setUp, type Part } from './support.js'

const APPLIED = '{"seq":5,"kind":"reload","ms":12}'
const JSON_TYPE = 'Content-Type: application/json'

test('what a page may say by POST, and who may', async t => {
  const { port, said } = await setUp(t)
  const post = (path: string, body: string, headers = ['Host: localhost', JSON_TYPE]) =>
    raw(port, `${[`POST /__live/${path} HTTP/1.1`, ...headers, `Content-Length: ${Buffer.byteLength(body)}`].join('\r\n')}\r\n\r\n${body}`)

  const own = 'applied?token=secret'
  const cases: [string, string, string, string[] | undefined, number][] = [
    ['an acknowledgement', own, APPLIED, undefined, 204],
    ['of a tab that shares a socket', `${own}&by=ws`, APPLIED, undefined, 204],
    ['with its type', own, '{"type":"applied","seq":5,"kind":"update","ms":0}', undefined, 204],
    ['a line of the console', 'log?token=secret', '{"level":"warn","text":"x"}', undefined, 204],
    ['a change of transport', 'fallback?token=secret', '{"from":"ws","to":"sse","reason":"timeout"}', undefined, 204],
    ['tries that failed', 'failed?token=secret', '{"attempts":2}', undefined, 204],
    ['a change to nowhere', 'fallback?token=secret', '{"from":"ws","to":"tcp","reason":"timeout"}', undefined, 400],
    ['with a charset', own, APPLIED, ['Host: localhost', `${JSON_TYPE}; charset=utf-8`], 204],
    ['from our page', own, APPLIED, ['Host: localhost:3000', 'Origin: http://localhost:3000', 'Sec-Fetch-Site: same-origin', JSON_TYPE], 204],
    ['from our page behind a proxy that rewrites Host', own, APPLIED, ['Host: localhost', 'Origin: https://app.test', 'Sec-Fetch-Site: same-origin', JSON_TYPE], 204],
    ['no token', 'applied', APPLIED, undefined, 403],
    ['another token', 'applied?token=guess', APPLIED, undefined, 403],
    ['two tokens', 'applied?token=secret&token=secret', APPLIED, undefined, 403],
    ['foreign host', own, APPLIED, ['Host: evil.test', JSON_TYPE], 403],
    ['opaque origin', own, APPLIED, ['Host: localhost', 'Origin: null', JSON_TYPE], 403],
    ['another site that learned the token', own, APPLIED, ['Host: localhost', 'Origin: http://evil.test', 'Sec-Fetch-Site: cross-site', JSON_TYPE], 403],
    ['another port of this machine', own, APPLIED, ['Host: localhost', 'Origin: http://localhost:9', 'Sec-Fetch-Site: same-site', JSON_TYPE], 403],
    ['typed by hand', own, APPLIED, ['Host: localhost', 'Sec-Fetch-Site: none', JSON_TYPE], 403],
    ['a form', own, APPLIED, ['Host: localhost', 'Content-Type: application/x-www-form-urlencoded'], 415],
    ['what a page may send anywhere', own, APPLIED, ['Host: localhost', 'Content-Type: text/plain'], 415],
    ['no type', own, APPLIED, ['Host: localhost'], 415],
    ['no JSON', own, 'junk', undefined, 400],
    ['nothing', own, '', undefined, 400],
    ['another type', own, '{"type":"log","level":"warn","text":"x"}', undefined, 400],
    ['wrong fields', own, '{"seq":"5","kind":"reload","ms":1}', undefined, 400],
    ['prototypes', own, '{"__proto__":{"seq":5,"kind":"reload","ms":1}}', undefined, 400],
    ['deep', own, '['.repeat(10_000), undefined, 400],
    ['large', 'log?token=secret', JSON.stringify({ level: 'info', text: 'x'.repeat(16 * 1024) }), undefined, 413]
  ]
  for (const [name, path, body, headers, status] of cases) {
    const reply = await post(path, body, headers)
    t.equal(reply.status, status, name)
    t.notMatch(reply.head, /access-control-allow/i)
    t.match(reply.head, /cross-origin-resource-policy: same-origin/i)
  }
  t.same(said, [
    'sse {"type":"applied","seq":5,"kind":"reload","ms":12}', 'ws {"type":"applied","seq":5,"kind":"reload","ms":12}', 'sse {"type":"applied","seq":5,"kind":"update","ms":0}',
    'sse {"type":"log","level":"warn","text":"x"}', 'sse {"type":"fallback","from":"ws","to":"sse","reason":"timeout"}', 'sse {"type":"failed","attempts":2}', ...Array.from({ length: 3 }, () => 'sse {"type":"applied","seq":5,"kind":"reload","ms":12}')
  ])
})

test('parsers and error pages of the app are its own', async t => {
  const before: Part = app => {
    app.addContentTypeParser('*', (_request, payload, done) => { payload.resume(); done(null, 'theirs') })
    app.removeContentTypeParser('application/json')
    app.addContentTypeParser('application/json', (_request, payload, done) => { payload.resume(); done(null, { theirs: true }) })
    app.addHook('preHandler', async request => { if ('x-break' in request.headers) throw new Error('theirs') })
    app.setErrorHandler((_error, _request, reply) => { reply.code(500).type('text/html').send('<html>theirs</html>') })
  }
  const { port, said } = await setUp(t, { before })
  const send = (type: string, body: string) => raw(port, `POST /__live/applied?token=secret HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
  t.equal((await send('application/json', APPLIED)).status, 204)
  t.match(await send('text/plain', APPLIED), { status: 415, head: /content-type: text\/plain/i, body: /^live reload: / })
  t.match(await send('application/json\r\nX-Break: 1', APPLIED), { status: 500, head: /content-type: text\/plain/i })
  t.equal(said.length, 1)
})

test('a body that breaks off does no harm', async t => {
  const { port, said } = await setUp(t)
  const { connect } = await import('node:net')
  await new Promise<void>(resolve => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.write('POST /__live/applied?token=secret HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"seq"', () => {
        socket.resetAndDestroy()
        resolve()
      })
    })
  })
  t.equal((await raw(port, `POST /__live/applied?token=secret HTTP/1.1\r\nHost: localhost\r\n${JSON_TYPE}\r\nContent-Length: ${APPLIED.length}\r\n\r\n${APPLIED}`)).status, 204)
  await until(() => said.length === 1, 'one')
})

for (const [name, head] of [
  ['a message whose body never ends', 'POST /__live/applied?token=secret HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 100'],
  ['one in pieces that never ends', 'POST /__live/applied?token=secret HTTP/1.1\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked'],
  ['a refused request whose body never ends', 'POST /__live/applied HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 100']
] as const) {
  test(`${name} does not hold close()`, async t => {
    const app = Fastify()
    let came = 0
    const { port } = await setUp(t, { app, before: app => app.addHook('onRequest', async () => { came++ }) })
    const socket = connect(port, '127.0.0.1').on('error', () => {}).resume()
    t.teardown(() => socket.destroy())
    const closed = new Promise(resolve => socket.on('close', resolve))
    socket.write(`${head}\r\nHost: localhost\r\n\r\n1`)
    await until(() => came === 1, 'it came')
    await app.close()
    await closed
    t.pass('close() returns, the connection is gone')
  })
}
