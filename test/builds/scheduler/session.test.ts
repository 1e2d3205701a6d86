// The states of one build pipeline as a table: events on the left, the state they lead to on the right.
import { test } from 'tap'
import { IDLE, next, overdueAt, type Session, type SessionEvent } from '../../../lib/builds/scheduler/session.js'

/**
 * `change a b`, `own a` (written while a build ran), `write a` (by the build itself), `hooks-end a`, `+100` (milliseconds pass), `start+hooks+...` (one after the other).
 * `settled` is a good result, `failed` is none, and `stale` is an aborted build. What depends on a run is about the newest one; `old-` is about the one before.
 */
function toEvent (word: string, at: number, run: number): SessionEvent {
  const [name = '', ...paths] = word.split(' ')
  const type = name.replace('old-', '')
  if (type === 'own' || type === 'change' || type === 'write') return { type: 'change', at, duringBuild: type !== 'change', isStale: type !== 'write', paths }
  if (type === 'stale' || type === 'settled' || type === 'failed') return { type: 'settled', at, stale: type === 'stale', ok: type === 'settled' }
  return { type, at, duringBuild: false, run: name === type ? run : run - 1, unseen: paths, reason: 'manual' } as SessionEvent
}

/** `phase running > waiting (gathered @due)`; `*` stands for everything. */
function show (session: Session): string {
  const job = (job: Session['running']) => job === undefined ? '' : job.whole ? '*' : job.changed.join()
  const { phase, running, waiting, gathered, due } = session
  return [phase, job(running), waiting && `> ${job(waiting)}`, gathered.length > 0 && `(${gathered}${due === undefined ? '' : ` @${due}`})`].filter(Boolean).join(' ')
}

function play (words: string, from: Session = IDLE): Session {
  let at = 0
  return words.split('; ').reduce((session, word) => {
    if (!word.startsWith('+')) return next(session, toEvent(word, at, session.run))
    at += Number(word)
    return session
  }, from)
}

const build = 'request; start; settled; end'
const stale = '+500; change x; stale; end; start'

const rows: readonly (readonly [what: string, events: string, state: string])[] = [
  ['a change is a reason to build', 'change a', 'idle > a'],
  ['a build begins', 'change a; start', 'building a'],
  ['a request builds everything', 'request; start', 'building *'],
  ['the builder settles', 'change a; start; settled', 'draining a'],
  ['a build ends', 'change a; start; settled; end', 'idle'],

  ['a change makes the build stale', 'change a; start; change b', 'aborted a > b'],
  ['a request makes the build stale', 'change a; start; request', 'aborted a > *'],
  ['one build waits, with all that changes', 'change a; start; change b; change c', 'aborted a > b,c'],
  ['what the stale build was to build is not lost', 'change a; start; change b; stale; end', 'idle > a,b'],
  ['everything stays everything', 'request; start; change a; stale; end; start', 'building *'],
  ['a change while outputs are collected is built next', 'change a; start; settled; change b', 'draining a > b'],
  ['after three stale builds the next one runs to its end', `change a; start; ${stale}; ${stale}; ${stale}; +500; change b; change c`, 'building a,x > b,c'],
  ['which begins the count anew', `change a; start; ${stale}; ${stale}; ${stale}; settled; end; +500; change b; start; change c`, 'aborted b > c'],

  ['three changes of a stream are built at once', 'change a; +10; change b; +10; change c', 'idle > a,b,c'],
  ['more wait for a pause', 'change a; change b; change c; +10; change d; +10; change e', 'idle > a,b,c (d,e @270)'],
  ['but not forever', 'change a; change b; change c; change d; +200; change e; +200; change f; +100; change g', 'idle > a,b,c (d,e,f,g @600)'],
  ['after the pause they are built', 'change a; change b; change c; change d; +250; due', 'idle > a,b,c,d'],
  ['a change now and then is no stream', 'change a; +500; change b; +500; change c; +500; change d', 'idle > a,b,c,d'],
  ['what a build writes itself waits for its end', 'change a; start; write x', 'building a > x'],
  ['also when it is gathered first', 'change a; start; write x; write y; write z; write u; +250; due', 'building a > x,y,z,u'],
  ['a save among it makes the build stale', 'change a; start; write x; write y; write z; change b; +250; due', 'aborted a > x,y,z,b'],
  ['a request makes every build stale', 'change a; start; write x; request', 'aborted a > *'],
  ['a build that begins takes along what was gathered', 'change a; change b; change c; change d; start', 'building a,b,c,d'],
  ['what was gathered makes the build stale after the pause', 'change a; start; change b; change c; stale; end; start; change d; +250; due', 'aborted a,b,c > d'],

  ['while hooks run, changes are gathered', 'change a; start; hooks; change b', 'hooks a (b @1000)'],
  ['the build has what the hooks have collected', 'change a; start; hooks; change b; hooks-changes', 'hooks a,b'],
  ['a request makes hooks stale', 'change a; start; hooks; request', 'aborted a > *'],
  ['a hook that goes on after a change is stale', 'change a; start; hooks; change b; +1000; due', 'aborted a > b'],
  ['each change gives it more time', 'change a; start; hooks; change b; +900; change c', 'hooks a (b,c @1900)'],
  ['the builder begins, and a change makes the build stale again', 'change a; start; hooks; hooks-end; change b', 'aborted a > b'],
  ['what no hook has seen waits for the end of the build', 'change a; start; hooks; change c; hooks-end b', 'building a (b,c)'],
  ['and is built then', 'change a; start; hooks; change c; hooks-end b; settled; end', 'idle > b,c'],
  ['or as soon as something else changes', 'change a; start; hooks; hooks-end b; change c', 'aborted a > b,c'],
  ['a build that ends within its hooks leaves nothing unbuilt', 'change a; start; hooks; change b; settled', 'draining a (b)'],
  ['a stale build takes what it has collected to the next one', 'change a; start; hooks; change b; hooks-changes; request; stale; end', 'idle > *'],
  ['hooks of a stale build do not begin', 'change a; start; change b; hooks', 'aborted a > b'],
  ['hooks that were given up collect nothing', 'change a; start; hooks; request; change b; hooks-changes', 'aborted a > *'],
  ['hooks of an earlier build collect nothing', `${build}; change a; start; hooks; change b; old-hooks-changes`, 'hooks a (b @1000)'],
  ['hooks of an earlier build do not end those of this one', `${build}; change a; start; hooks; old-hooks-end x`, 'hooks a'],
  ['hooks of an earlier build do not begin in this one', `${build}; change a; start; old-hooks`, 'building a'],

  ['closing aborts the build and forgets what was gathered', 'change a; start; hooks; change b; close', 'aborted a'],
  ['closing without a build', 'close', 'idle'],
  ['what changes after the end is not built', 'close; change a; request', 'idle']
]

for (const [what, events, state] of rows) {
  test(`${what}: ${events}`, async t => { t.equal(show(play(events)), state) })
}

/** Builds that start themselves: each begins with a file that was written during the one before. */
const loop = (builds: number) => play(`change a; start; settled; end${'; own x; due; start; settled; end'.repeat(builds)}`)

const loops: readonly (readonly [what: string, builds: number, events: string, state: string, reported?: boolean])[] = [
  ['at first they run at once', 4, 'own x', 'idle > x'],
  ['then behind a pause', 5, 'own x', 'idle (x @1000)'],
  ['each change begins the pause anew', 5, 'own x; +900; own y', 'idle (x,y @1900)'],
  ['which counts only while nothing builds', 5, 'own y; +1000; due; start; own x; +1000; due', 'building y (x @3000)'],
  ['a person is recognised between the builds', 5, 'own x; +10; change b', 'idle > x,b'],
  ['and the count begins anew', 5, 'change b; start; settled; end; own x', 'idle > x'],
  ['then they are slowed down and reported', 8, 'own x', 'idle (x @30000)', true],
  ['what was saved is built, only late', 8, 'own x; +30000; due', 'idle > x'],
  ['and each such build is reported anew', 8, 'own x; due; start; settled; end; own x', 'idle (x @30000)', true],
  ['an edit while nothing builds starts at once again', 8, 'own x; change b', 'idle > x,b']
]

for (const [what, builds, events, state, reported = false] of loops) {
  test(`builds that start themselves: ${what}`, async t => {
    const session = play(events, { ...loop(builds), stream: IDLE.stream })
    t.equal(show(session), state)
    t.equal(session.loop.reported, reported)
  })
}

const good = 'request; start; +20; settled; end; +500'
const protectedRun = `change a; start; ${stale}; ${stale}; ${stale}; +500; change b`

/** When the running build is stopped; a build that is not in the way is left alone. */
const limits: readonly (readonly [what: string, events: string, at: number | undefined])[] = [
  ['nothing waits', 'change a; start', undefined],
  ['a change waits for a build that counts as protected', protectedRun, 4500],
  ['a change waits that the build may have written', `${good}; change a; start; write x`, 3520],
  ['also one that is gathered', `${good}; change a; start; write x; write y; write z; write u; +900; write v`, 3520],
  ['twice the time of the last good build', 'request; start; +4000; settled; end; change a; start; write x', 12_000],
  ['a build that failed tells nothing', 'request; start; +4000; failed; end; change a; start; write x', 7000],
  ['what hooks collect does not wait', 'change a; start; hooks; change b', undefined],
  ['nor does what no hook has seen', 'change a; start; hooks; hooks-end b', undefined],
  ['the build is stale already', 'change a; start; change b', undefined],
  ['the builder has settled', 'change a; start; settled; write x', undefined],
  ['each build that was stopped so gives the next one twice the time', `${good}; change a; start; write x; +3000; overdue; stale; end; start; write x`, 3520 + 6000],
  ['a failed one does not change that', `${good}; change a; start; write x; +3000; overdue; stale; end; start; failed; end; start; write x`, 3520 + 6000],
  ['a good one does', `${good}; change a; start; write x; +3000; overdue; stale; end; start; settled; end; start; write x`, 3520 + 3000],
  ['without a good one it happens once, as the build may write its sources each time', 'change a; start; write x; +3000; overdue; stale; end; start; write x', undefined]
]

for (const [what, events, at] of limits) {
  test(`the longest that changes wait: ${what}`, async t => { t.equal(overdueAt(play(events)), at) })
}

test('an overdue build is stopped, and nothing is lost', async t => {
  const stopped = play(`${good}; change a; start; write x; write y; write z; write u; +3000; overdue`)
  t.equal(show(stopped), 'aborted a > x,y (z,u @770)')
  t.equal(show(play('stale; end; start', stopped)), 'building a,x,y,z,u')
  t.equal(show(play(`${protectedRun}; +3000; overdue; stale; end; start; +500; change c`)), 'aborted a,x,b > c', 'the count of aborts begins anew')
  t.equal(show(play('change a; start; overdue')), 'building a', 'a timer that comes too late')
  t.equal(play('own y; +1000; due; start; write x; overdue; stale; end; start', { ...loop(6), stream: IDLE.stream }).loop.streak, 0, 'a build that hangs does not start itself')
})
