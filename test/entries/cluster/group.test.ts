// The primary's part: who watches, and the order of messages.
import { test } from 'tap'
import { Group } from '../../../lib/entries/cluster/group.js'
import type { FromPrimary } from '../../../lib/shared/messages/cluster.js'
import { manualClock } from '../../support/clock.js'

const reload = (seq: number) => ({ type: 'send', message: { type: 'reload', seq } }) as const

function setUp (workers: number) {
  const clock = manualClock()
  const group = new Group(clock)
  const peers = Array.from({ length: workers }, (_, i) => {
    const got: FromPrimary[] = []
    const peer = { id: i + 1, send: (message: FromPrimary) => { got.push(message) } }
    group.receive(peer, { type: 'join' })
    return { peer, got, say: (message: Parameters<Group['receive']>[1]) => group.receive(peer, message), types: () => got.map(({ type }) => type) }
  })
  return { clock, group, peers: peers as [typeof peers[0], typeof peers[0], typeof peers[0]] }
}

test('no tab is told of a change before every worker makes pages with its number', async t => {
  const { peers: [a, b] } = setUp(2)
  a.say(reload(1))
  a.say(reload(2))
  a.say({ type: 'prepared', seq: 1 })
  t.notOk([...a.types(), ...b.types()].includes('deliver'), 'one of two is ready')
  b.say({ type: 'prepared', seq: 1 })
  t.strictSame(b.types(), ['joined', 'prepare', 'deliver', 'prepare'], 'then all are told, and the next change has its turn')
  b.say({ type: 'prepared', seq: 1 })
  a.say({ type: 'prepared', seq: 2 })
  t.equal(b.types().filter(type => type === 'deliver').length, 1, 'a late answer counts for its own change only')
  a.say({ type: 'send', message: { type: 'closing' } })
  b.say({ type: 'prepared', seq: 2 })
  t.strictSame(a.got.flatMap(message => message.type === 'deliver' ? message.message.type : []), ['reload', 'reload', 'closing'], 'in the order in which they were sent')
})

test('a worker that does not answer, or ends, holds up nobody', async t => {
  const { clock, group, peers: [a, b, c] } = setUp(3)
  a.say(reload(1))
  a.say({ type: 'prepared', seq: 1 })
  clock.advance(300)
  t.equal(b.types().at(-1), 'deliver', 'not answered in time')
  a.say(reload(2))
  a.say({ type: 'prepared', seq: 2 })
  b.say({ type: 'prepared', seq: 2 })
  group.leave(3)
  t.equal(b.types().at(-1), 'deliver', 'ended')
  t.equal(c.types().filter(type => type === 'deliver').length, 1)
})

test('the oldest worker watches; when it ends the next one does, and counts on', async t => {
  const { group, peers: [a, b, c] } = setUp(3)
  t.strictSame([a, b, c].map(({ got }) => got[0]?.type === 'joined' && got[0].leads), [true, false, false])
  a.say(reload(7))
  a.say({ type: 'leave' })
  t.strictSame(b.got.at(-1), { type: 'lead', seq: 7 })
  a.say(reload(9))
  group.leave(1)
  t.strictSame(b.got.at(-1), { type: 'lead', seq: 7 }, 'what the ended one says counts for nothing')
  t.notOk(c.types().includes('lead'))
})

test('when the last worker ends during a change, the group is empty', async t => {
  const { group, clock, peers: [a] } = setUp(1)
  t.notOk(group.isEmpty)
  a.say(reload(3))
  a.say(reload(4))
  group.leave(1)
  t.ok(group.isEmpty)
  clock.advance(1000)
  t.strictSame(a.types(), ['joined', 'prepare'], 'nothing is said to those who have left')
})

test('calls go to the worker that watches, and results back', async t => {
  const { group, peers: [a, b, c] } = setUp(3)
  c.say({ type: 'call', id: 5, name: 'build', args: [] })
  t.strictSame(a.got.at(-1), { type: 'call', id: 5, from: 3, name: 'build', args: [] })
  a.say({ type: 'result', id: 5, to: 3, outcome: { value: ['done'] } })
  t.strictSame(c.got.at(-1), { type: 'result', id: 5, outcome: { value: ['done'] } })
  group.leave(3)
  a.say({ type: 'result', id: 6, to: 3, outcome: {} })
  a.say({ type: 'event', event: 'change', data: {} })
  t.strictSame([a.types().at(-1), b.types().at(-1)], ['call', 'event'], 'events are for the others')
})

test('when the worker that watches ends, the next one gets the calls that are open', async t => {
  const { group, peers: [a, b, c] } = setUp(3)
  const call = (id: number) => ({ type: 'call', id, name: 'build', args: [] }) as const
  for (const id of [1, 2]) c.say(call(id))
  b.say(call(1))
  a.say({ type: 'result', id: 1, to: 3, outcome: {} })
  group.leave(1)
  t.strictSame(b.got.slice(1), [{ type: 'lead', seq: 0 }, { ...call(2), from: 3 }, { ...call(1), from: 2 }], 'those of others, and its own')
  group.leave(2)
  t.strictSame(c.got.slice(-2), [{ type: 'lead', seq: 0 }, { ...call(2), from: 3 }], 'nobody waits for those of one that has ended')
})
