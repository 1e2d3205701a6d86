import { test } from 'tap'
import type { Frame, Frames } from '../../../lib/broadcast/channel.js'
import { encode } from '../../../lib/broadcast/frame.js'
import { Outbox } from '../../../lib/broadcast/delivery/outbox.js'
import type { ServerMessage } from '../../../types/message.js'
import { until } from '../../support/wait.js'

interface Tab { readonly pieces: Frames[] }

const tab = (): Tab => ({ pieces: [] })
const many = (count: number) => new Set(Array.from({ length: count }, tab))
const frame = (seq: number) => encode({ type: 'reload', seq })
const large = (seq: number): Frame => encode({ type: 'reload', seq, paths: ['x'.repeat(40 * 1024)] })
const seqOf = (message: ServerMessage) => (message as { seq: number }).seq
const seqsOf = ({ pieces }: Tab) => pieces.map(piece => piece.map(({ message }) => seqOf(message)).join()).join(' ')
const nextTurn = () => new Promise(resolve => setImmediate(resolve))

/** Each piece takes a tenth of a millisecond, as it does when the system has to take bytes. */
function slowOutbox (tabs: Iterable<Tab>) {
  return new Outbox<Tab>(tabs, ({ pieces }, frames) => {
    for (const end = performance.now() + 0.1; performance.now() < end;);
    pieces.push(frames)
  })
}

function outboxOf (tabs: Iterable<Tab>) {
  return new Outbox<Tab>(tabs, ({ pieces }, frames) => { pieces.push(frames) })
}

test('who has not had its turn yet gets what came meanwhile in the same piece', async t => {
  const tabs = many(100)
  const outbox = slowOutbox(tabs)
  outbox.send(frame(5))
  const first = [...tabs].filter(({ pieces }) => pieces.length > 0)
  t.ok(first.length > 0 && first.length < 100, 'a few have it at once')
  outbox.send(frame(6))
  const late = tab()
  tabs.add(late)
  outbox.send(frame(7))
  t.equal([...tabs].filter(({ pieces }) => pieces.length > 0).length, first.length, 'nobody is served out of turn')
  await until(() => late.pieces.length > 0, 'the last one has its message')
  t.strictSame(new Set(first.map(seqsOf)), new Set(['5 6,7']), 'the first ones in two pieces')
  tabs.delete(late)
  const rest = [...tabs].filter(each => !first.includes(each))
  t.strictSame(new Set(rest.map(seqsOf)), new Set(['5,6,7']), 'the others in one')
  t.equal(new Set(rest.map(({ pieces }) => pieces[0])).size, 1, 'which is made once')
  t.equal(seqsOf(late), '7', 'and nobody gets what was sent before it came')
})

test('messages that come between two turns keep their order for everybody', async t => {
  const tabs = many(100)
  const outbox = slowOutbox(tabs)
  for (let seq = 1; seq <= 9; seq++) {
    outbox.send(frame(seq))
    await nextTurn()
  }
  const last = [...tabs].at(-1) as Tab
  await until(() => seqsOf(last).endsWith('9'), 'all are sent')
  outbox.flush()
  for (const each of tabs) t.equal(each.pieces.flat().map(({ message }) => seqOf(message)).join(), '1,2,3,4,5,6,7,8,9')
})

test('with a few tabs every message goes out when it is sent', t => {
  const one = tab()
  const outbox = slowOutbox([one])
  outbox.send(frame(5))
  outbox.send(frame(6))
  t.equal(seqsOf(one), '5 6', 'however long the one before has taken')
  t.end()
})

test('a message that is sent while another one goes out follows it', async t => {
  const tabs = many(3)
  const outbox: Outbox<Tab> = new Outbox<Tab>(tabs, ({ pieces }, frames) => {
    pieces.push(frames)
    // As a listener does that hears of a connection which broke just now.
    if (seqOf((frames[0] as Frame).message) === 5) outbox.send(frame(6))
  })
  outbox.send(frame(5))
  outbox.flush()
  await nextTurn()
  for (const each of tabs) t.match(seqsOf(each).replaceAll(' ', ','), /^5(,6)+$/)
  t.equal(seqsOf([...tabs][0] as Tab).match(/6/g)?.length, 3, 'each of them once')
})

test('who is forgotten gets nothing, and the rest can be sent at once', async t => {
  const tabs = many(50)
  const outbox = slowOutbox(tabs)
  outbox.send(frame(5))
  const gone = [...tabs].at(-1) as Tab
  tabs.delete(gone)
  outbox.forget(gone)
  outbox.send(frame(6))
  outbox.flush()
  t.ok([...tabs].every(each => seqsOf(each).replace(' ', ',') === '5,6'), 'all others have all')
  await nextTurn()
  t.strictSame(gone.pieces, [])
})

test('large messages go out in pieces: the others have their turn in between', t => {
  const tabs = many(2)
  const [first, second] = [...tabs] as [Tab, Tab]
  const order: Tab[] = []
  const outbox: Outbox<Tab> = new Outbox<Tab>(tabs, (each, frames) => {
    // Until all are waiting for everything.
    if (order.length === 0) for (const one of [large(6), large(7), frame(8)]) outbox.send(one)
    order.push(each)
    each.pieces.push(frames)
  })
  outbox.send(large(5))
  outbox.flush()
  t.equal(seqsOf(first), '5 6 7,8')
  t.equal(seqsOf(second), '5 6 7,8')
  t.strictSame(order.map(each => each === first ? 1 : 2), [1, 2, 1, 2, 1, 2])
  t.equal(first.pieces[2], second.pieces[2], 'each piece is made once')
  t.end()
})

test('a connection that throws costs no other one its message', async t => {
  const thrown = new Error('oh')
  const tabs = many(2)
  const [bad, good] = [...tabs] as [Tab, Tab]
  const outbox = new Outbox<Tab>(tabs, (each, frames) => {
    each.pieces.push(frames)
    if (each === bad) throw thrown
  })
  t.throws(() => outbox.send(frame(5)), thrown)
  await until(() => good.pieces.length === 1, 'the other one has it')
  t.equal(bad.pieces.length, 1, 'it is not tried again')
})

test('when all have everything, the next message goes out at once', async t => {
  const one = tab()
  const outbox = outboxOf([one])
  outbox.send(frame(5))
  await nextTurn()
  outbox.send(frame(6))
  t.equal(seqsOf(one), '5 6')
})
