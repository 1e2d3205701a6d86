import { test } from 'tap'
import type { Frames } from '../../lib/broadcast/channel.js'
import { encode } from '../../lib/broadcast/frame.js'
import { Outbox } from '../../lib/broadcast/outbox.js'
import { until } from '../support/wait.js'

interface Tab { readonly pieces: Frames[] }

const tab = (): Tab => ({ pieces: [] })
const frame = (seq: number) => encode({ type: 'reload', seq })
const seqsOf = ({ pieces }: Tab) => pieces.map(piece => piece.map(({ message }) => (message as { seq: number }).seq).join())

/** Each piece takes a tenth of a millisecond, as it does when the system has to take bytes. */
function slowOutbox () {
  return new Outbox<Tab>(({ pieces }, frames) => {
    for (const end = performance.now() + 0.1; performance.now() < end;);
    pieces.push(frames)
  })
}

test('who has not had its turn yet gets what came meanwhile in the same piece', async t => {
  const outbox = slowOutbox()
  const tabs = Array.from({ length: 100 }, tab)
  outbox.send(frame(5), tabs)
  const first = tabs.filter(({ pieces }) => pieces.length > 0)
  t.ok(first.length > 0 && first.length < 100, 'a few have it at once')
  outbox.send(frame(6), tabs)
  const late = tab()
  outbox.send(frame(7), [...tabs, late])
  t.equal(tabs.filter(({ pieces }) => pieces.length > 0).length, first.length, 'nobody is served out of turn')
  await until(() => tabs.every(each => seqsOf(each).join() === '5,6,7') && late.pieces.length > 0, 'all have all, in order')
  t.strictSame(new Set(first.map(each => seqsOf(each).join(' '))), new Set(['5 6,7']), 'the first ones in two pieces')
  const rest = tabs.filter(each => !first.includes(each))
  t.strictSame(new Set(rest.map(each => seqsOf(each).join(' '))), new Set(['5,6,7']), 'the others in one')
  t.equal(new Set(rest.map(({ pieces }) => pieces[0])).size, 1, 'which is made once')
  t.strictSame(seqsOf(late), ['7'], 'and nobody what was sent before it came')
})

test('when all have everything, the next message goes out at once', async t => {
  const outbox = new Outbox<Tab>(({ pieces }, frames) => { pieces.push(frames) })
  const one = tab()
  outbox.send(frame(5), [one])
  t.strictSame(seqsOf(one), ['5'])
  await new Promise(resolve => setImmediate(resolve))
  outbox.send(frame(6), [one])
  t.strictSame(seqsOf(one), ['5', '6'], 'alone')
})

test('who is forgotten gets nothing, and the rest can be sent at once', t => {
  const outbox = slowOutbox()
  const tabs = Array.from({ length: 50 }, tab)
  outbox.send(frame(5), tabs)
  const gone = tabs.at(-1) as Tab
  outbox.forget(gone)
  outbox.send(frame(6), tabs.slice(0, -1))
  outbox.flush()
  t.strictSame(gone.pieces, [])
  t.ok(tabs.slice(0, -1).every(each => seqsOf(each).join() === '5,6'), 'all others have all')
  t.end()
})

test('a connection that throws costs no other one its message', async t => {
  const thrown = new Error('oh')
  const tabs = [tab(), tab()]
  const outbox = new Outbox<Tab>((each, frames) => {
    each.pieces.push(frames)
    if (each === tabs[0]) throw thrown
  })
  t.throws(() => outbox.send(frame(5), tabs), thrown)
  await until(() => tabs[1]?.pieces.length === 1, 'the other one has it')
  t.equal(tabs[0]?.pieces.length, 1, 'it is not tried again')
})
