// The states of a root as a table: which event leads where, and what it carries along.
import { test } from 'tap'
import { describe, initialState, next, TRANSITIONS, type RootEvent, type RootState, type RootStateName } from '../../lib/watch/root/root-state.js'

const EVENTS: Record<RootEvent['type'], RootEvent> = {
  renew: { type: 'renew' },
  lost: { type: 'lost' },
  interrupted: { type: 'interrupted' },
  replaced: { type: 'replaced', target: 'native' },
  vanished: { type: 'vanished' },
  opened: { type: 'opened' },
  closed: { type: 'closed' },
  fellBack: { type: 'fellBack', reason: 'a limit', now: 1000 },
  failed: { type: 'failed', reason: 'a limit' },
  tick: { type: 'tick', now: 100_000, target: 'native' }
}

const start = initialState('native', '')
const after = (...events: readonly RootEvent[]): RootState => events.reduce(next, start)
const STATES: Record<RootStateName, RootState> = {
  opening: start,
  missing: after(EVENTS.vanished),
  watched: after(EVENTS.opened),
  polling: after(EVENTS.fellBack, EVENTS.opened),
  failed: after(EVENTS.failed),
  closed: after(EVENTS.closed)
}

const TABLE: Record<RootStateName, Partial<Record<RootEvent['type'], RootStateName>>> = {
  missing: { renew: 'opening', replaced: 'opening', closed: 'closed' },
  opening: { renew: 'opening', lost: 'opening', interrupted: 'opening', replaced: 'opening', fellBack: 'opening', vanished: 'missing', opened: 'watched', failed: 'failed', closed: 'closed' },
  watched: { renew: 'opening', lost: 'opening', replaced: 'opening', fellBack: 'opening', closed: 'closed' },
  polling: { renew: 'opening', lost: 'opening', replaced: 'opening', tick: 'opening', closed: 'closed' },
  failed: { renew: 'opening', lost: 'opening', replaced: 'opening', closed: 'closed' },
  closed: {}
}

for (const [name, state] of Object.entries(STATES) as [RootStateName, RootState][]) {
  test(`events in state ${name}`, t => {
    t.equal(state.name, name)
    for (const [type, event] of Object.entries(EVENTS) as [RootEvent['type'], RootEvent][]) {
      const to = TABLE[name][type]
      t.equal(next(state, event).name, to ?? name, `${name} + ${type} -> ${to ?? name}`)
      if (to === undefined) t.equal(next(state, event), state, `${name} + ${type} changes nothing`)
    }
    t.strictSame(TRANSITIONS[name], TABLE[name])
    t.end()
  })
}

test('what an event carries along', t => {
  const rows: readonly (readonly [name: string, state: RootState, expected: Partial<RootState>])[] = [
    ['everything is compared after the first opening', start, { compareAll: true, reopen: false }],
    ['an opened root needs no comparison', STATES.watched, { compareAll: false, target: 'native' }],
    ['a renewed one compares only what is new', next(STATES.watched, EVENTS.renew), { previous: 'watched', compareAll: false, reopen: false }],
    ['a renewal while opening opens once more', after(EVENTS.renew), { reopen: true }],
    ['the second opening is the last', after(EVENTS.renew, EVENTS.opened, EVENTS.renew), { reopen: false }],
    ['lost events need a full comparison', next(STATES.watched, EVENTS.lost), { compareAll: true, previous: 'watched' }],
    ['a gap between two handles needs a full comparison', next(next(STATES.watched, EVENTS.renew), EVENTS.interrupted), { compareAll: true, reopen: false }],
    ['a fall-back targets polling and is retried after a minute', STATES.polling, { target: 'poll', reason: 'a limit', retryAt: 61_000, retryDelay: 120_000 }],
    ['a retry targets native events again', next(STATES.polling, EVENTS.tick), { target: 'native', previous: 'polling' }],
    ['no retry before its time', next(STATES.polling, { type: 'tick', now: 61_000, target: 'native' }), { name: 'polling' }],
    ['no retry where it is pointless', next(after({ type: 'fellBack', reason: 'no binary' }, EVENTS.opened), { type: 'tick', now: 1e12, target: 'native' }), { name: 'polling', retryAt: Infinity }],
    ['another directory is tried natively', next(STATES.polling, EVENTS.replaced), { target: 'native', compareAll: true }]
  ]
  for (const [name, state, expected] of rows) t.match(state, expected, name)
  let state = start
  for (let i = 0; i < 10; i++) state = next(state, EVENTS.fellBack)
  t.match(state, { retryDelay: 600_000, retryAt: 601_000 }, 'the delay between retries ends at ten minutes')
  t.end()
})

test('the status for people', t => {
  const rows: readonly (readonly [state: RootState, crawled: boolean, unreadable: string | undefined, expected: object])[] = [
    [start, false, undefined, { state: 'degraded', reason: 'the first scan of /www is under way' }],
    [STATES.missing, true, undefined, { state: 'degraded', reason: '/www does not exist; it will be watched as soon as it does' }],
    [STATES.watched, true, undefined, { state: 'ok' }],
    [STATES.watched, true, '/www/x', { state: 'degraded', reason: 'cannot read /www/x; changes in it are not seen until it can be read' }],
    [STATES.polling, true, '/www/x', { state: 'degraded', reason: 'a limit; cannot read /www/x; changes in it are not seen until it can be read' }],
    [STATES.polling, true, undefined, { state: 'polling', reason: 'a limit' }],
    [STATES.failed, false, undefined, { state: 'failed', reason: 'a limit' }],
    [next(STATES.watched, EVENTS.renew), true, undefined, { state: 'ok' }],
    [next(STATES.watched, EVENTS.closed), true, undefined, { state: 'ok' }],
    [next(STATES.polling, EVENTS.tick), true, undefined, { state: 'polling', reason: 'a limit' }]
  ]
  for (const [state, crawled, unreadable, expected] of rows) t.strictSame(describe(state, '/www', crawled, unreadable), expected)
  t.end()
})
