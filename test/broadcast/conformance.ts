// What every channel must do, whatever carries it: a third one is a client in channels.ts and a line in conformance.test.ts.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { test } from 'tap'
import type { ReloadMessage } from '../../types/message.js'
import { times } from '../support/times.js'
import { until } from '../support/wait.js'
import type { Channel } from './channels.js'
import { setUp } from './support.js'

const CYCLES = times(200, 10_000)
const BIG = 'x'.repeat(64 * 1024)
const big = (seq: number): ReloadMessage => ({ type: 'reload', seq, paths: [BIG] })

export function conforms (channel: Channel): void {
  const { open, request, can, server, transport } = channel
  const named = (name: string) => `${channel.name}: ${name}`

  test(named('hello first, then what was missed'), async t => {
    const { port } = await setUp(t, { ...server, maxConnections: 50 })
    const cases: [string, string[], Parameters<typeof open>[2]][] = [
      ['nothing said', ['hello'], {}],
      ['the newest', ['hello'], { query: '?at=e:4' }],
      ['an older change', ['hello', 'reload'], { query: '?at=e:3' }],
      ['a change to come', ['hello', 'reload'], { query: '?at=e:5' }],
      ['another process', ['hello', 'reload'], { query: '?at=old:4' }],
      ['twice', ['hello'], { query: '?at=e:3&at=e:3' }],
      ...['', ':', 'e:', 'e:-3', 'e:3.5', 'e:0x3', 'e:NaN', '%0d%0aSet-Cookie:%20x', 'e:1%00', 'x'.repeat(1000), `e:${'9'.repeat(100)}`, '%F0%9F%92%A9:3', '__proto__']
        .map((at): [string, string[], object] => [`junk ${at.slice(0, 30)}`, ['hello'], { query: `?at=${at}` }]),
      ...can.resume
        ? [
            ['Last-Event-ID, the newest', ['hello'], { headers: { 'last-event-id': 'e:4' } }],
            ['Last-Event-ID, older', ['hello', 'reload'], { headers: { 'last-event-id': 'e:2' } }],
            ['Last-Event-ID, of another process', ['hello', 'reload'], { headers: { 'last-event-id': 'old:9' } }],
            ['Last-Event-ID against what the page shows', ['hello'], { query: '?at=e:4', headers: { 'last-event-id': 'e:2' } }],
            ...['-1', 'junk', 'e:', '999999999999999999999', 'x'.repeat(4000), 'e:\u00ff'].map(id => [`junk ${id.slice(0, 20)}`, ['hello'], { headers: { 'last-event-id': id } }])
          ] as typeof cases
        : []
    ]
    for (const [name, expected, ask] of cases) {
      const client = open(t, port, ask)
      await until(() => client.got.length >= expected.length, name)
      // One more round: what should not have come would be there by then.
      t.same(client.got.map(({ type }) => type), expected, name)
      t.match(client.got[0], { type: 'hello', epoch: 'e', seq: 4 })
      client.close()
    }
  })

  test(named('every message, in order, whole'), async t => {
    const { hub, port } = await setUp(t, server)
    const clients = [open(t, port), open(t, port), open(t, port)]
    await until(() => hub.size === 3, 'all there')
    for (let seq = 5; seq < 505; seq++) hub.send({ type: 'reload', seq })
    hub.send({ type: 'build', state: 'ok', name: 'site', ms: 3 })
    for (const { got } of clients) {
      await until(() => got.length === 502, 'all messages')
      t.same(got.slice(1, -1), Array.from({ length: 500 }, (_, i) => ({ type: 'reload', seq: i + 5 })))
      t.same(got.at(-1), { type: 'build', state: 'ok', name: 'site', ms: 3 })
    }
    t.same(hub.clients().map(client => client.transport), [transport, transport, transport])
  })

  test(named('nothing in a message ends it or begins another'), async t => {
    const { hub, port } = await setUp(t, server)
    const client = open(t, port)
    await until(() => hub.size === 1, 'there')
    const paths = ['a\nb', 'a\rb', 'a\r\nb', 'a\u2028b\u2029', 'x\n\nevent: reload\ndata: {}\n\n', '\ndata: x', '\nid: 7', '\0', '\ud800', ':', '', '💩']
    hub.send({ type: 'reload', seq: 5, paths })
    hub.send({ type: 'reload', seq: 6 })
    await until(() => client.got.length >= 3, 'both')
    t.same(client.got.slice(1), [{ type: 'reload', seq: 5, paths }, { type: 'reload', seq: 6 }])
  })

  test(named(`the way to a client and back is ${can.ping ? '' : 'not '}measured as soon as it is there`), async t => {
    const { hub, port } = await setUp(t, server)
    const client = open(t, port)
    await until(() => client.got[0]?.type === 'hello', 'hello')
    const latency = () => hub.clients()[0]?.latency
    if (can.ping) await until(() => latency() !== undefined, 'measured')
    t.equal(typeof latency(), can.ping ? 'number' : 'undefined')
    t.notOk((latency() ?? 0) < 0)
    t.equal(hub.size, 1, 'the first ping is no question of life')
  })

  test(named('a message is encoded once, however many listen'), async t => {
    const { hub, port } = await setUp(t, { ...server, maxConnections: 20 })
    const count = () => {
      const calls = t.capture(JSON, 'stringify', JSON.stringify)
      hub.send({ type: 'reload', seq: 5 })
      calls.restore()
      return calls().length
    }
    open(t, port)
    await until(() => hub.size === 1, 'one')
    const once = count()
    for (let i = 0; i < 10; i++) open(t, port)
    await until(() => hub.size === 11, 'eleven')
    t.equal(count(), once)
  })

  test(named('refused before anything opens'), async t => {
    const { hub, port } = await setUp(t, server)
    const cases: [string, string[], number, string?][] = [
      ['ours', ['Host: localhost'], transport === 'ws' ? 101 : 200],
      ['foreign host', ['Host: evil.test'], 403],
      ['foreign origin', ['Host: localhost', 'Origin: http://evil.test'], 403],
      ['opaque origin', ['Host: localhost', 'Origin: null'], 403],
      ['opaque origin with the token', ['Host: localhost', 'Origin: null'], 403, '?token=secret'],
      ['a page of another site', ['Host: localhost', 'Sec-Fetch-Site: cross-site'], 403],
      ['the token opens', ['Host: localhost', 'Origin: https://behind.test'], transport === 'ws' ? 101 : 200, '?token=secret'],
      ...can.raw ? [['no host', [], 400], ['two hosts', ['Host: localhost', 'Host: evil.test'], 400]] as [string, string[], number][] : []
    ]
    for (const [name, headers, status, query] of cases) {
      const reply = await request(port, headers, query)
      t.equal(reply.status, status, name)
      t.notMatch(reply.head, /access-control-allow/i)
      // Node itself refuses a request without Host.
      if (status === 101 || status === 400) continue
      t.match(reply.head, /cross-origin-resource-policy: same-origin/i)
      t.match(reply.head, /x-content-type-options: nosniff/i)
    }
    await until(() => hub.size === 0, 'nobody is counted')
  })

  test(named('over the limit: 503 with Retry-After, the others stay'), async t => {
    const { hub, port } = await setUp(t, { ...server, maxConnections: 2 })
    const clients = [open(t, port), open(t, port)]
    await until(() => clients.every(({ got }) => got.length === 1), 'two')
    const reply = await request(port, ['Host: localhost'])
    t.equal(reply.status, 503)
    t.match(reply.head, /retry-after: 5/i)
    const third = open(t, port)
    await until(() => third.refused() === 503, 'refused')
    hub.send({ type: 'reload', seq: 5 })
    await until(() => clients.every(({ got }) => got.length === 2), 'served')
    clients[0]?.close()
    await until(() => hub.size === 1, 'a place is free')
    const fourth = open(t, port)
    await until(() => fourth.got.length === 1, 'taken again')
  })

  test(named('who does not read is dropped, and catches up'), async t => {
    const { hub, port, connections } = await setUp(t, server)
    const slow = open(t, port)
    await until(() => slow.got.length === 1, 'there')
    const good = open(t, port)
    await until(() => good.got.length === 1, 'there')
    slow.pause()
    let sent = 0
    const most: number[] = []
    while (hub.size === 2 && sent < 2000) {
      hub.send(big(++sent + 4))
      most.push(connections[0]?.buffered ?? 0)
      await until(() => good.got.length === sent + 1, 'the other one gets it')
    }
    t.equal(hub.size, 1)
    t.ok(Math.max(...most) < 1024 * 1024 + 3 * BIG.length, 'what is kept for it is bounded')
    const back = open(t, port, { query: '?at=e:3' })
    await until(() => back.got.length === 2, 'hello and one reload')
    t.match(back.got[1], { type: 'reload', seq: 4 })
  })

  test(named('who answers no heartbeat is dropped, who does stays'), async t => {
    const { hub, port, said, connections } = await setUp(t, server)
    const dead = open(t, port)
    await until(() => dead.got.length === 1, 'there')
    const live = open(t, port)
    await until(() => live.got.length === 1, 'there')
    dead.pause()
    // A socket that is not read does not answer; a stream must be full before the system takes no more.
    const [first] = connections
    if (transport === 'sse') {
      for (let sent = 1; first?.buffered === 0; sent++) {
        hub.send(big(sent + 4))
        await until(() => live.got.length === sent + 1, 'the other one gets it')
      }
    }
    for (let i = 0; i < 3; i++) {
      for (const connection of connections) connection.ping()
      const count = live.got.length
      hub.send({ type: 'build', state: 'ok', name: 'round' })
      await until(() => live.got.length > count, 'the ping is there: this came after it')
      if (!can.speak) continue
      live.say('{"type":"log","level":"warn","text":"x"}')
      await until(() => said.length === i + 1, 'and so is the answer, for the same reason')
    }
    await until(() => hub.size === 1, 'one is gone')
    const before = live.got.length
    hub.send({ type: 'build', state: 'ok', name: 'x' })
    await until(() => live.got.length > before, 'the other one is not')
    t.match([live.got.at(-1), live.closed(), hub.size], [{ type: 'build', name: 'x' }, false, 1])
  })

  test(named('clients that come and go leave nothing behind'), async t => {
    const { app, hub, port } = await setUp(t, { ...server, maxConnections: 100 })
    const cycle = async (i: number) => {
      const client = open(t, port)
      await until(() => client.got.length === 1, 'hello')
      if (i % 3 === 0) client.reset()
      else client.close()
    }
    for (let i = 0; i < CYCLES; i += 10) await Promise.all(Array.from({ length: 10 }, (_, j) => cycle(i + j)))
    await until(() => hub.size === 0, 'all gone')
    t.same(hub.clients(), [])
    await until(() => new Promise(resolve => app.server.getConnections((_, count) => resolve(count === 0))), 'no socket is left')
  })

  test(named('gone in the middle of a large message'), async t => {
    const { hub, port } = await setUp(t, { ...server, maxConnections: 50 })
    const good = open(t, port)
    await until(() => good.got.length === 1, 'there')
    for (let i = 0; i < 20; i++) {
      const client = open(t, port)
      await until(() => client.got.length === 1, 'there')
      client.pause()
      for (let part = 0; part < 4; part++) hub.send(big(5 + i * 4 + part))
      client.reset()
      hub.send({ type: 'build', state: 'ok', name: String(i) })
      // One that is a megabyte behind would be dropped, and on a busy machine this one can be.
      await until(() => good.got.length === 1 + (i + 1) * 5, 'the other one gets everything')
    }
    await until(() => hub.size === 1, 'the others are gone')
    t.equal(good.got.filter(({ type }) => type === 'reload').length, 80, 'every message arrived once')
  })

  test(named('gone while hooks run'), async t => {
    const waiting: (() => void)[] = []
    const waits = (_request: FastifyRequest, _reply: FastifyReply, done: () => void) => { if (waiting.push(done) > 50) done() }
    const { hub, port } = await setUp(t, { ...server, before: app => { app.addHook('onRequest', waits) } })
    for (let i = 0; i < 50; i++) {
      const client = open(t, port)
      await until(() => waiting[i], 'the hook waits')
      try { client.reset() } catch {} // a WebSocket that was not answered has no connection to break
      client.close()
      if (i % 2 === 0) await until(() => client.closed(), 'the client knows it')
      waiting[i]?.()
    }
    await until(() => hub.size === 0, 'nobody is counted')
    const { got } = open(t, port)
    await until(() => got[0], 'still answers')
    t.equal(hub.size, 1)
  })

  test(named('close: told, ended within a second, nobody new'), async t => {
    const { app, hub, port } = await setUp(t, { ...server, maxConnections: 100 })
    const clients = Array.from({ length: 20 }, () => open(t, port))
    await until(() => clients.every(({ got }) => got.length === 1), 'all there')
    clients.slice(10).forEach(client => client.pause())
    const began = performance.now()
    const closing = hub.close()
    t.equal((await request(port, ['Host: localhost'])).status, 503)
    await closing
    t.ok(performance.now() - began < 1000, 'within a second')
    t.equal(hub.size, 0)
    for (const client of clients.slice(0, 10)) {
      await until(() => client.closed(), 'ended')
      t.same(client.got.at(-1), { type: 'closing' })
    }
    // A session of HTTP/2 carries the app's own streams too: it is not ours to end.
    if (server.http2 === undefined) await app.close()
  })

  if (can.speak) {
    test(named('junk is dropped, and then who sends it'), async t => {
      const { hub, port, said } = await setUp(t, server)
      const client = open(t, port)
      await until(() => client.got.length === 1, 'there')
      client.say('{"type":"applied","seq":5,"kind":"reload","ms":12}')
      for (const junk of ['', '{', 'null', '[]', '['.repeat(10_000), '{"__proto__":{"type":"applied"}}', '{"type":"applied","seq":1e999,"kind":"reload","ms":1}']) client.say(junk)
      client.say('{"type":"log","level":"warn","text":"x"}')
      await until(() => said.length === 2, 'what is none')
      t.same(said, ['ws {"type":"applied","seq":5,"kind":"reload","ms":12}', 'ws {"type":"log","level":"warn","text":"x"}'])
      t.equal(hub.size, 1)
      for (let i = 0; i < 20; i++) client.say('junk')
      await until(() => hub.size === 0, 'dropped')
    })
  }
}
