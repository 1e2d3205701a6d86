import { test } from 'tap'
import Fastify from 'fastify'
import type { Connection, Frame, Frames, Subscription } from '../../lib/broadcast/channel.js'
import { Hub } from '../../lib/broadcast/hub.js'
import type { Clock } from '../../lib/shared/clock.js'
import type { BuildMessage } from '../../types/message.js'
import { until } from '../support/wait.js'

const MAX_BUFFERED_BYTES = 1024 * 1024

/** A clock that a test moves by hand. */
function handClock () {
  let now = 0
  const timers = new Set<{ due: number, run: () => void }>()
  const clock: Clock = {
    now: () => now,
    after (ms, run) {
      const timer = { due: now + ms, run }
      timers.add(timer)
      return () => { timers.delete(timer) }
    }
  }
  /** `late`: the event loop is blocked for so long after the first timer is due. */
  const advance = (ms: number, late = 0): void => {
    now += ms + late
    for (const timer of [...timers].filter(({ due }) => due <= now - late)) {
      timers.delete(timer)
      timer.run()
    }
  }
  return { clock, advance, pending: () => timers.size }
}

function setUp ({ maxConnections = 10, failedBuilds = [] as BuildMessage[] } = {}) {
  const told: string[] = []
  const time = handClock()
  const hub = new Hub({
    maxConnections,
    hello: () => ({ type: 'hello', epoch: 'e', seq: 4, build: { state: 'idle' }, client: { debounce: 20, hidden: 'wait', overlay: true, badge: false, preserve: true, serviceWorker: 'warn', editor: false } }),
    failedBuilds: () => failedBuilds,
    onMessage: message => told.push(JSON.stringify(message)),
    onConnect: (_, size) => told.push(`joined ${size}`),
    onDisconnect: (_, size) => told.push(`left ${size}`),
    log: Fastify({ logger: { level: 'silent' } }).log,
    clock: time.clock
  })
  return { hub, told, time }
}

function connection (more: Partial<Connection> = {}) {
  const got: string[] = []
  const frames: Frame[] = []
  const it: Connection = {
    transport: 'ws',
    buffered: 0,
    send: sent => { got.push(...sent.map(({ type }) => type)); frames.push(...sent) },
    ping: () => got.push('ping'),
    end: () => got.push('end'),
    destroy: () => got.push('destroy'),
    ...more
  }
  return { it, got, frames }
}

/** Each call takes a tenth of a millisecond, as it does when the system has to take bytes. */
function slow (fake: ReturnType<typeof connection>): ReturnType<typeof connection> {
  const { send, ping } = fake.it
  const work = () => { for (const end = performance.now() + 0.1; performance.now() < end;); }
  return Object.assign(fake, { it: { ...fake.it, send (sent: Frames) { work(); send(sent) }, ping () { work(); ping() } } })
}

test('open connections are counted by transport', t => {
  const { hub } = setUp({ maxConnections: 3 })
  t.strictSame(hub.counts(), { ws: 0, sse: 0 })
  const [first] = (['ws', 'sse', 'sse'] as const).map(transport => hub.join(connection({ transport }).it))
  t.equal(hub.join(connection().it), undefined, 'full')
  t.strictSame(hub.counts(), { ws: 1, sse: 2 })
  first?.leave()
  first?.leave()
  t.strictSame(hub.counts(), { ws: 0, sse: 2 }, 'a connection leaves once')
  t.end()
})

test('hello first, then what was missed', async t => {
  const { hub } = setUp()
  for (const [at, expected] of [[undefined, ['hello']], ['e:4', ['hello']], ['e:3', ['hello', 'reload']], ['old:4', ['hello', 'reload']], ['junk', ['hello']], ['', ['hello']]] as const) {
    const { it, got } = connection()
    hub.join(it, at)
    t.same(got, expected, `made from ${at}`)
  }
})

test('many connections are written to a part at a time, each in order, and a new one gets nothing that its greeting has', async t => {
  const { hub, told } = setUp({ maxConnections: 1000 })
  const many = Array.from({ length: 250 }, () => slow(connection()))
  for (const { it } of many) hub.join(it)
  const reload = (seq: number) => hub.send({ type: 'reload', seq })
  const seen = () => many.map(({ frames }) => frames.slice(1).map(({ text }) => (JSON.parse(text) as { seq: number }).seq).join())
  reload(5)
  const atOnce = seen().filter(Boolean).length
  t.ok(atOnce > 0 && atOnce < 250, 'some at once')
  reload(6)
  const late = connection()
  hub.join(late.it)
  const gone = connection()
  const { leave } = hub.join(gone.it) as Subscription
  reload(7)
  leave()
  await new Promise(resolve => setImmediate(resolve))
  t.ok(seen().filter(Boolean).length < 250, 'others have their turn in between')
  await until(() => many.every(({ got }) => got.length === 4) && late.got.length === 2, 'everybody has all')
  t.strictSame(new Set(seen()), new Set(['5,6,7']), 'all, in order')
  t.strictSame(late.got, ['hello', 'reload'], 'one that joined meanwhile')
  t.strictSame(gone.got, ['hello'], 'one that left is written to no more')
  t.equal(told.length, 253)
  reload(8)
  hub.close()
  t.ok(many.every(({ got }) => got.slice(-3).join() === 'reload,closing,end'), 'the rest goes out before the end')
  await new Promise(resolve => setImmediate(resolve))
  t.ok(many.every(({ got }) => got.at(-1) === 'end'), 'and once')
})

test('what is told of a connection: its page, browser, latency and counts, as far as they are known', async t => {
  const { hub, time } = setUp()
  const counts = { attempts: 3, successes: 1, failures: 1, fallbacks: 0, reloads: 4, updates: 2 }
  hub.join(connection({ latency: 1.26 }).it, undefined, { id: 'a', path: '/blog/', browser: 'Chrome 130', counts })
  time.advance(1500)
  hub.join(connection({ transport: 'sse' }).it)
  t.strictSame(hub.clients(), [
    { transport: 'ws', age: 1500, path: '/blog/', browser: 'Chrome 130', latency: 1.3, counts: { ...counts, successes: 2 } },
    { transport: 'sse', age: 0 }
  ])
})

test('a report counts for the tab that sent it, on its connection or by post', async t => {
  const { hub, time, told } = setUp()
  const counts = { attempts: 1, successes: 0, failures: 0, fallbacks: 0, reloads: 0, updates: 0 }
  const post = (text: string, type: 'applied' | 'fallback', tab?: string) => hub.receivePosted(text, 'sse', type, tab)
  const stream = hub.join(connection({ transport: 'sse' }).it, undefined, { id: 'a', counts }) as Subscription
  const socket = hub.join(connection().it, undefined, { id: 'b', counts }) as Subscription
  const of = (place: number) => hub.clients()[place]
  socket.receive('{"type":"applied","seq":4,"kind":"reload","ms":1}')
  post('{"from":"ws","to":"sse","reason":"failed"}', 'fallback', 'a')
  post('{"seq":4,"kind":"reload","ms":1}', 'applied', 'a')
  post('{"seq":4,"kind":"reload","ms":1}', 'applied', 'b')
  for (const name of ['c', 'constructor', undefined]) post('{"seq":4,"kind":"reload","ms":1}', 'applied', name)
  t.match([of(0)?.counts, of(1)?.counts], [{ successes: 1, fallbacks: 1, reloads: 1 }, { fallbacks: 0, reloads: 2 }], 'a tab that shares a connection is none of these')
  t.equal(told.filter(text => text.includes('applied')).length, 6, 'but all are told')

  hub.send({ type: 'update', seq: 5, updates: [] })
  time.advance(30)
  post('{"seq":5,"kind":"update","ms":21}', 'applied', 'a')
  t.match(of(0), { latency: 9, counts: { updates: 1 } }, 'a stream has no ping: there and back, without what the page did')
  t.notOk('latency' in (of(1) as object), 'the other has not said anything')

  const again = hub.join(connection({ transport: 'sse' }).it, undefined, { id: 'a', counts: { ...counts, attempts: 9 } }) as Subscription
  stream.leave()
  post('{"seq":5,"kind":"update","ms":1}', 'applied', 'a')
  t.match(of(1), { counts: { attempts: 9, updates: 1 } }, 'the newest connection of that name, also when the old one ends later')
  again.leave()
  post('{"seq":5,"kind":"update","ms":1}', 'applied', 'a')
  t.equal(hub.size, 1)
})

test('encodes once, sends to all', async t => {
  const { hub } = setUp()
  const tabs = [connection(), connection()]
  for (const { it } of tabs) hub.join(it)
  t.equal(hub.size, 2)
  t.match(hub.clients(), [{ transport: 'ws', age: Number }, {}])
  hub.send({ type: 'reload', seq: 5 })
  t.equal(tabs[0]?.frames[1], tabs[1]?.frames[1], 'the same frame')
  t.equal(tabs[0]?.frames[1]?.text, '{"type":"reload","seq":5}')
})

test('a connection that throws is dropped, the others get the message', async t => {
  const { hub, told } = setUp()
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
  const { hub, told } = setUp()
  t.equal(hub.receivePosted('{"seq":5,"kind":"reload","ms":1}', 'sse', 'applied'), true)
  t.equal(hub.receivePosted('junk', 'sse', 'applied'), false)
  t.same(told, ['{"type":"applied","seq":5,"kind":"reload","ms":1}'])
})

test('a page that does not read is dropped', async t => {
  const { hub, told } = setUp()
  const { it, got, frames } = connection()
  const greeting = () => frames.reduce((sum, { bytes }) => sum + bytes.length, 0)
  let waiting = 0
  const member = hub.join({ ...it, get buffered () { return waiting } })
  waiting = MAX_BUFFERED_BYTES + greeting()
  hub.send({ type: 'build', state: 'ok', name: 'x' })
  t.same(got, ['hello', 'build'], 'the cap')
  waiting++
  hub.send({ type: 'reload', seq: 5 })
  t.same(got, ['hello', 'build', 'destroy'])
  member?.leave()
  t.same(told, ['joined 1', 'left 0'], 'once')
})

test('a greeting larger than the cap arrives whole, and so does what comes behind it', async t => {
  const text = 'x'.repeat(MAX_BUFFERED_BYTES)
  const failedBuilds = ['a', 'b'].map((name): BuildMessage => ({ type: 'build', state: 'failed', name, diagnostics: [{ severity: 'error', message: text }] }))
  const { hub } = setUp({ failedBuilds })
  const { it, got, frames } = connection()
  hub.join({ ...it, get buffered () { return frames.reduce((sum, { bytes }) => sum + bytes.length, 0) } }, 'e:3')
  hub.send({ type: 'reload', seq: 5 })
  t.same(got, ['hello', 'build', 'build', 'reload', 'reload'])
})

test('an event of the app is encoded once and reaches every page', async t => {
  const { hub } = setUp()
  const tabs = [connection(), connection()]
  for (const { it } of tabs) hub.join(it)
  hub.send({ type: 'custom', event: 'translations', data: { de: 'Hallo' } })
  t.equal(tabs[0]?.frames[1], tabs[1]?.frames[1])
  t.equal(tabs[0]?.frames[1]?.text, '{"type":"custom","event":"translations","data":{"de":"Hallo"}}')
})

test('what a page says', async t => {
  const { hub, told } = setUp()
  const { it, got } = connection()
  const member = hub.join(it)
  const say = (message: unknown) => member?.receive(JSON.stringify(message))
  say({ type: 'applied', seq: 5, kind: 'reload', ms: 12.5, __proto__: { x: 1 }, extra: 1 })
  say({ type: 'log', level: 'warn', text: 'x' })
  t.same(told.slice(1), ['{"type":"applied","seq":5,"kind":"reload","ms":12.5}', '{"type":"log","level":"warn","text":"x"}'])
  const junk = ['', '{', 'null', '5', '[]', '{"type":"invoke","file":"/etc/passwd"}', '{"type":"applied","seq":"5","kind":"reload","ms":1}', '{"type":"applied","seq":5,"kind":"x","ms":1}',
    '{"type":"applied","seq":5,"kind":"reload"}', '{"type":"log","level":"loud","text":"x"}', '{"type":"log","level":"info"}', `${'['.repeat(10_000)}`]
  for (const text of [...junk, ...junk.slice(0, 19 - junk.length)]) member?.receive(text)
  t.equal(told.length, 3, 'junk is dropped')
  t.notOk(got.includes('destroy'))
  member?.receive('junk')
  t.ok(got.includes('destroy'), 'and after twenty times who sends it')
})

test('no more connections than the limit, and none while closing', async t => {
  const { hub } = setUp({ maxConnections: 1 })
  t.ok(hub.join(connection().it))
  t.equal(hub.full, true)
  t.equal(hub.join(connection().it), undefined)
})

test('close: politely, then by force', async t => {
  const { hub, time } = setUp()
  const polite = connection({ end: () => { leave?.() } })
  const leave = hub.join(polite.it)?.leave
  const frozen = connection()
  hub.join(frozen.it)
  const closed = Promise.all([hub.close(), hub.close()])
  t.same(frozen.got, ['hello', 'closing', 'end'])
  time.advance(500)
  await closed
  t.same(polite.got, ['hello', 'closing'])
  t.same(frozen.got, ['hello', 'closing', 'end', 'destroy'])
  t.equal(hub.join(connection().it), undefined)
  t.equal(hub.size, 0)
})

test('close: does not wait when all have left', async t => {
  const { hub, time } = setUp()
  const { it } = connection({ end: () => queueMicrotask(() => leave?.()) })
  const leave = hub.join(it)?.leave
  await hub.close()
  t.equal(time.pending(), 0, 'no timer is left')
})

test('heartbeat: many are asked a part at a time, and a message does not wait for it', async t => {
  const { hub, time } = setUp({ maxConnections: 1000 })
  const many = Array.from({ length: 250 }, () => slow(connection()))
  for (const { it } of many) hub.join(it)
  const pinged = () => many.filter(({ got }) => got.includes('ping')).length
  time.advance(15_000)
  t.ok(pinged() > 0 && pinged() < 250, 'some at once')
  hub.send({ type: 'reload', seq: 5 })
  t.equal(many[0]?.got.at(-1), 'reload')
  await until(() => pinged() === 250, 'all are asked')
  t.ok(many.every(({ got }) => got.filter(what => what === 'ping').length === 1), 'once')
})

test('heartbeat: everybody is pinged, but not judged by a late round', async t => {
  const { hub, time } = setUp()
  const { it, got } = connection()
  hub.join(it)
  time.advance(15_000)
  t.same(got, ['hello', 'ping'])
  time.advance(15_000, 25_000)
  t.same(got, ['hello', 'ping'])
  time.advance(15_000)
  t.same(got, ['hello', 'ping', 'ping'])
})
