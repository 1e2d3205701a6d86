// One case of each verdict of the gate over raw sockets, against everything that the plugin serves. The whole tables: gate.test.ts.
import { existsSync, writeFileSync } from 'node:fs'
import { test, type Test } from 'tap'
import { liveApp } from '../support/app.js'
import { folder } from '../support/folder.js'
import { raw, type RawReply } from '../support/raw.js'
import { until } from '../support/wait.js'
import { allowed } from './gate-requests.js'

const HTML = '<!doctype html><html><head><title>x</title></head><body>hello</body></html>'
const UPGRADE = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==']
const CLOSE = ['Connection: close']

/** What may be asked, and how. Files of `root` know no origin: they are the app's. */
const files = ['GET /', 'GET /app.js']
const reads = ['GET /__live/client.js', 'GET /__live/health', 'GET /__live/overlay', 'GET /__live/', 'GET /__live/events', 'GET /__live/socket']
const posts: [target: string, body: string][] = [
  ['POST /__live/open', '{"file":"package.json"}'],
  ['POST /__live/control', '{"action":"reload"}'],
  ['POST /__live/control', '{"action":"build"}'],
  ['POST /__live/applied', '{"seq":0,"kind":"reload","ms":1}'],
  ['POST /__live/log', '{"level":"warn","text":"x"}'],
  ['POST /__live/fallback', '{"from":"ws","to":"sse","reason":"failed"}']
]

async function site (t: Test) {
  const { at } = folder(t, { 'root/index.html': HTML, 'root/app.js': '1', 'src/a.txt': 'a' })
  const editor = at('editor')
  writeFileSync(editor, `#!/bin/sh\ntouch '${at('started')}'\n`, { mode: 0o755 })
  const done = { connects: 0, builds: 0, sends: 0, answers: 0 }
  const { app, port } = await liveApp(t, { root: at('root'), build: { source: at('src'), builder: () => { done.builds++ } }, editor, security: allowed })
  await until(() => app.liveReload.status().builds.build?.state === 'ok', 'the first build')
  done.builds = 0
  app.liveReload.on('connect', () => { done.connects++ })
  app.liveReload.on('send', () => { done.sends++ })
  for (const event of ['applied', 'fallback'] as const) app.liveReload.on(event, () => { done.answers++ })
  const token = /data-token="([\w-]+)"/.exec(app.liveReload.tag())?.[1] as string

  async function ask (target: string, lines: readonly string[], { carries, body = '', type = 'application/json', version = '1.1' }: { carries?: string | undefined, body?: string, type?: string, version?: string } = {}): Promise<RawReply> {
    const query = carries === undefined ? '' : `?token=${carries}`
    const more = target.endsWith('/socket') ? UPGRADE : CLOSE
    const content = body === '' ? [] : [`Content-Type: ${type}`, `Content-Length: ${body.length}`]
    return raw(port, `${[`${target}${query} HTTP/${version}`, ...lines, ...content, ...more].join('\r\n')}\r\n\r\n${body}`, { untilHead: true })
  }

  return {
    token,
    ask,
    /** Everything that writes, with the token of this process unless it says otherwise. */
    async refuses (lines: readonly string[], statuses: readonly number[], why: string, carries: string | undefined = token) {
      for (const [target, body] of posts) {
        const { status, head } = await ask(target, lines, { body, carries })
        t.ok(statuses.includes(status), `${target}: ${status}, ${why}`)
        t.notMatch(head, /access-control-allow/i)
      }
    },
    /** After every refusal: nobody came in, and the next one is served. */
    async unmoved (why: string) {
      t.match([app.liveReload.clients, done, existsSync(at('started'))], [0, { connects: 0, builds: 0, sends: 0, answers: 0 }, false], `nothing happened: ${why}`)
      t.equal((await ask('GET /', ['Host: localhost'])).status, 200)
    },
    done,
    clients: () => app.liveReload.clients,
    started: () => existsSync(at('started'))
  }
}

const opened = (target: string) => target.endsWith('/socket') ? 101 : 200
const linesOf = (host: string | string[] | undefined, headers: Record<string, string> = {}): string[] =>
  [...(host === undefined ? [] : [host].flat()).map(value => `Host: ${value}`), ...Object.entries(headers).map(pair => pair.join(': '))]

test('over raw sockets: Host', async t => {
  const { ask, refuses, unmoved, token, done, clients } = await site(t)
  const table: [host: string | string[], status: number, why: string][] = [
    ['evil.test:3000', 403, 'a name that was made to resolve to us'],
    [['localhost', 'evil.test'], 400, 'two'],
    ['localhost', 200, 'a loopback name'],
    ['a.b.ACME.test', 200, 'an allowed subtree']
  ]
  const open = table.filter(([,status]) => status === 200)
  for (const [host, status, why] of table) {
    if (status === 200) continue
    for (const target of [...files, ...reads, 'GET /__live/status']) {
      const reply = await ask(target, linesOf(host), { carries: token })
      t.equal(reply.status, status, `${target} at ${String(host)}: ${why}`)
      t.notMatch(reply.head + reply.body, /event-stream|sec-websocket|hello|data-token/i)
    }
    await refuses(linesOf(host), [status], `${String(host)}: ${why}`)
    await unmoved(`${String(host)}: ${why}`)
  }
  for (const target of [...files, ...reads]) {
    const reply = await ask(target, [], { version: '1.0', carries: token })
    t.equal(reply.status, 400, `${target} by HTTP/1.0 without Host`)
  }
  await unmoved('HTTP/1.0')
  for (const [host, , why] of open) {
    for (const target of [...files, ...reads]) t.equal((await ask(target, linesOf(host))).status, opened(target), `${target} at ${String(host)}: ${why}`)
  }
  t.equal(done.connects, 2 * open.length, 'each stream and each socket was a client')
  await until(() => clients() === 0, 'all left')
})

test('over raw sockets: Origin and Sec-Fetch-Site', async t => {
  const { ask, refuses, unmoved, token, done, clients } = await site(t)
  const table = [
    { lines: linesOf('localhost:3000', { Origin: 'http://evil.test' }), carries: undefined, status: 403, why: 'a foreign page' },
    { lines: linesOf('localhost:3000', { Origin: 'null' }), carries: token, status: 403, why: 'an opaque origin, whatever it carries' },
    { lines: linesOf('localhost', { 'Sec-Fetch-Site': 'cross-site' }), carries: undefined, status: 403, why: 'another site' },
    { lines: linesOf('192.168.1.5:3000', { Origin: 'http://192.168.1.5:3000' }), carries: undefined, status: 200, why: 'a phone on the LAN' },
    { lines: linesOf('localhost:3000', { Origin: 'https://app.test' }), carries: token, status: 200, why: 'a proxy that rewrites Host' }
  ]
  for (const { lines, carries, status, why } of table) {
    if (status === 200) continue
    const named = `${lines.join(', ').slice(0, 80)}: ${why}`
    for (const target of reads) {
      const { status: got, head } = await ask(target, lines, { carries })
      t.equal(got, status, `${target} ${named}`)
      t.notMatch(head, /event-stream|sec-websocket|access-control-allow/i)
    }
    await refuses(lines, [403], named, carries ?? '')
    await unmoved(named)
  }
  const open = table.filter(({ status }) => status === 200)
  for (const { lines, carries, why } of open) {
    for (const target of reads) t.equal((await ask(target, lines, { carries })).status, opened(target), `${target} ${lines.join(', ')}: ${why}`)
  }
  t.equal(done.connects, 2 * open.length, 'each stream and each socket was a client')
  await until(() => clients() === 0, 'all left')
})

test('over raw sockets: what changes something', async t => {
  const { ask, refuses, unmoved, token, done, started } = await site(t)
  await refuses(linesOf('localhost', { 'Sec-Fetch-Site': 'none' }), [403], 'not same-origin')
  for (const guess of ['', 'x'.repeat(token.length), '%00', '%']) await refuses(linesOf('localhost:3000', { Origin: 'http://localhost:3000' }), [403], `the token ${guess}`, guess)
  await refuses(linesOf('localhost', { Cookie: `token=${token}` }), [403], 'the token in a cookie', '')
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
    for (const [target, body] of posts) {
      const { status } = await ask(target, ['Host: localhost'], { body, type, carries: token })
      t.equal(status, 415, `${target} as ${type}`)
    }
  }
  for (const headers of [{ 'Sec-Fetch-Site': 'cross-site' }, { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'iframe' }, { Referer: 'http://evil.test/' }]) {
    for (const [target] of posts) {
      const { status } = await ask(target.replace('POST', 'GET'), linesOf('localhost', headers), { carries: token })
      t.ok([403, 404].includes(status), `${target} by GET, ${JSON.stringify(headers)}: ${status}`)
    }
  }
  await unmoved('all of it')

  // That it would have been seen.
  t.equal((await ask('POST /__live/control', ['Host: localhost'], { body: '{"action":"reload"}', carries: token })).status, 204)
  t.equal((await ask('POST /__live/applied', ['Host: localhost'], { body: '{"seq":0,"kind":"reload","ms":1}', carries: token })).status, 204)
  t.match(done, { sends: 1, answers: 1 })
  t.equal((await ask('POST /__live/control', ['Host: localhost'], { body: '{"action":"build"}', carries: token })).status, 204)
  await until(() => done.builds === 1, 'a build')
  t.equal((await ask('POST /__live/open', ['Host: localhost'], { body: '{"file":"package.json"}', carries: token })).status, 202)
  if (process.platform !== 'win32') await until(started, 'an editor')
})
