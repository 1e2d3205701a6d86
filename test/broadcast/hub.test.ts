import { test, type Test } from 'tap'
import Fastify from 'fastify'
import type { Connection, Frame } from '../../lib/broadcast/channel.js'
import { createHub, MAX_BUFFERED } from '../../lib/broadcast/hub.js'

function setUp (t: Test, maxConnections = 10) {
  const told: string[] = []
  const hub = createHub({
    maxConnections,
    hello: () => ({ type: 'hello', epoch: 'e', seq: 4, build: { state: 'idle' }, client: { debounce: 20, hidden: 'wait', overlay: true, badge: false, preserve: true, serviceWorker: 'warn', editor: false } }),
    failing: () => [],
    heard: message => told.push(JSON.stringify(message)),
    joined: (_, size) => told.push(`joined ${size}`),
    left: (_, size) => told.push(`left ${size}`),
    log: Fastify({ logger: { level: 'silent' } }).log
  })
  t.teardown(() => hub.close())
  return { hub, told }
}

function connection (more: Partial<Connection> = {}) {
  const got: string[] = []
  const frames: Frame[] = []
  const it: Connection = {
    transport: 'ws',
    buffered: 0,
    send: frame => { got.push(frame.type); frames.push(frame) },
    ping: () => got.push('ping'),
    end: () => got.push('end'),
    destroy: () => got.push('destroy'),
    ...more
  }
  return { it, got, frames }
}

test('hello first, then what was missed', async t => {
  const { hub } = setUp(t)
  for (const [at, expected] of [[undefined, ['hello']], ['e:4', ['hello']], ['e:3', ['hello', 'reload']], ['old:4', ['hello', 'reload']], ['junk', ['hello']], ['', ['hello']]] as const) {
    const { it, got } = connection()
    hub.join(it, at)
    t.same(got, expected, `made from ${at}`)
  }
})

test('encodes once, sends to all', async t => {
  const { hub } = setUp(t)
  const tabs = [connection(), connection()]
  for (const { it } of tabs) hub.join(it)
  t.equal(hub.size, 2)
  t.match(hub.clients(), [{ transport: 'ws', age: Number }, {}])
  hub.send({ type: 'reload', seq: 5 })
  t.equal(tabs[0]?.frames[1], tabs[1]?.frames[1], 'the same frame')
  t.equal(tabs[0]?.frames[1]?.text, '{"type":"reload","seq":5}')
})

test('L-015 a connection that throws is dropped, the others are told', async t => {
  const { hub, told } = setUp(t)
  let broken = false
  const bad = connection({ send: () => { if (broken) throw new Error('oh') } })
  const good = connection()
  hub.join(bad.it)
  hub.join(good.it)
  broken = true
  hub.send({ type: 'reload', seq: 5 })
  t.same(good.got, ['hello', 'reload'])
  t.same(bad.got, ['destroy'])
  t.equal(hub.size, 1)
  t.equal(told.at(-1), 'left 1')
})

test('what comes beside a connection', async t => {
  const { hub, told } = setUp(t)
  t.equal(hub.hear('{"seq":5,"kind":"reload","ms":1}', 'sse', 'applied'), true)
  t.equal(hub.hear('junk', 'sse', 'applied'), false)
  t.same(told, ['{"type":"applied","seq":5,"kind":"reload","ms":1}'])
})

test('a page that does not read is dropped', async t => {
  const { hub, told } = setUp(t)
  const { it, got } = connection()
  const member = hub.join({ ...it, get buffered () { return got.length > 0 ? MAX_BUFFERED + 1 : 0 } })
  hub.send({ type: 'reload', seq: 5 })
  t.same(got, ['hello', 'destroy'])
  member?.leave()
  t.same(told, ['joined 1', 'left 0'], 'once')
})

test('what a page says', async t => {
  const { hub, told } = setUp(t)
  const { it, got } = connection()
  const member = hub.join(it)
  const say = (message: unknown) => member?.receive(JSON.stringify(message))
  say({ type: 'applied', seq: 5, kind: 'reload', ms: 12.5, __proto__: { x: 1 }, extra: 1 })
  say({ type: 'log', level: 'warn', text: 'x' })
  t.same(told.slice(1), ['{"type":"applied","seq":5,"kind":"reload","ms":12.5}', '{"type":"log","level":"warn","text":"x"}'])
  const junk = ['', '{', 'null', '5', '[]', '{"type":"invoke","file":"/etc/passwd"}', '{"type":"applied","seq":"5","kind":"reload","ms":1}', '{"type":"applied","seq":5,"kind":"x","ms":1}',
    '{"type":"applied","seq":5,"kind":"reload"}', '{"type":"log","level":"loud","text":"x"}', '{"type":"log","level":"info"}', `${'['.repeat(10_000)}`]
  for (const text of [...junk, ...junk.slice(0, 19 - junk.length)]) member?.receive(text)
  t.equal(told.length, 3, 'S-039, S-140 junk is dropped')
  t.notOk(got.includes('destroy'))
  member?.receive('junk')
  t.ok(got.includes('destroy'), 'and after twenty times who sends it')
})

test('no more than the limit, and nobody while closing', async t => {
  const { hub } = setUp(t, 1)
  t.ok(hub.join(connection().it))
  t.equal(hub.full, true)
  t.equal(hub.join(connection().it), undefined)
})

test('close: politely, then by force', async t => {
  const { hub } = setUp(t)
  const polite = connection({ end: () => { leave?.() } })
  const leave = hub.join(polite.it)?.leave
  const frozen = connection()
  hub.join(frozen.it)
  await Promise.all([hub.close(), hub.close()])
  t.same(polite.got, ['hello', 'closing'])
  t.same(frozen.got, ['hello', 'closing', 'end', 'destroy'])
  t.equal(hub.join(connection().it), undefined)
  t.equal(hub.size, 0)
})

test('close: does not wait when all have gone', async t => {
  const { hub } = setUp(t)
  const { it } = connection({ end: () => queueMicrotask(() => leave?.()) })
  const leave = hub.join(it)?.leave
  const timers = t.capture(globalThis, 'clearTimeout', clearTimeout)
  await hub.close()
  t.equal(timers().length, 1, 'the grace was cut short')
})

test('heartbeat: everybody is pinged, but not judged by a late beat', async t => {
  const clock = t.capture(globalThis, 'setInterval', ((run: () => void) => Object.assign(setTimeout(() => {}, 0), { run })) as never)
  const now = { value: 0 }
  t.intercept(performance, 'now', { value: () => now.value })
  const { hub } = setUp(t)
  const beat = clock()[0]?.args[0] as () => void
  const { it, got } = connection()
  hub.join(it)
  now.value += 15_000
  beat()
  now.value += 40_000
  beat()
  now.value += 15_000
  beat()
  t.same(got, ['hello', 'ping', 'ping'])
})
