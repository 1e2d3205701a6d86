// When the disk is compared, and for how long others wait. Time is moved by hand where that can show it.
import { test } from 'tap'
import { createPoll } from '../../lib/watch/backends/poll.js'
import { Audit } from '../../lib/watch/timing/audit.js'
import { Recheck } from '../../lib/watch/timing/recheck.js'
import { TimeSlicer } from '../../lib/watch/timing/time-slicer.js'
import { manualClock } from '../support/clock.js'
import { until } from '../support/wait.js'

const turn = () => new Promise(resolve => setImmediate(resolve))

test('a changed file is compared every 4 ms for 650 ms, and settles when it stays the same', async t => {
  const clock = manualClock()
  const compared: string[][] = []
  const settled: string[] = []
  const recheck = new Recheck({ clock, compare: paths => compared.push([...paths]), onSettled: path => settled.push(path) })
  recheck.addFile('/a/p')
  await turn()
  clock.advance(4)
  t.strictSame([compared, settled], [[['/a/p']], ['/a/p']])
  clock.advance(2000)
  t.ok(compared.length > 150 && compared.length < 170, `${compared.length}`)
  recheck.addSiblings('/a/q')
  await turn()
  clock.advance(1000)
  t.strictSame(compared.slice(-20), Array.from({ length: 20 }, () => ['/a']), 'the directory of a new name')
  recheck.close()
})

test('at most 32 paths are compared again and again', async t => {
  const clock = manualClock()
  const compared: string[][] = []
  const recheck = new Recheck({ clock, compare: paths => compared.push([...paths]), onSettled () {} })
  for (let i = 0; i < 50; i++) recheck.addFile(`/a/${i}`)
  await turn()
  clock.advance(32)
  t.strictSame(compared.map(paths => paths.length), [32])
  recheck.close()
  clock.advance(1000)
  t.equal(compared.length, 1, 'nothing after close')
})

test('a listener may close the watch while files are compared', async t => {
  const clock = manualClock()
  let compared = 0
  const recheck: Recheck = new Recheck({ clock, compare () { compared++; recheck.close() }, onSettled () { t.fail('closed') } })
  recheck.addFile('/a/p')
  await turn()
  clock.advance(1000)
  t.equal(compared, 1)
})

function makeAudit () {
  const clock = manualClock()
  const state = { scans: 0, ticks: 0, busy: false, scanTakes: 0, errors: [] as unknown[] }
  const audit = new Audit({
    clock,
    isBusy: () => state.busy,
    onTick () { state.ticks++ },
    async scan () { state.scans++; clock.skip(state.scanTakes) },
    onError: error => state.errors.push(error)
  })
  return { clock, state, audit }
}

test('doubt is answered by an audit as soon as nothing is gathered', async t => {
  const { clock, state, audit } = makeAudit()
  audit.start()
  state.busy = true
  audit.doubt()
  clock.advance(1000)
  t.strictSame([state.ticks, state.scans], [4, 0])
  state.busy = false
  clock.advance(250)
  t.equal(state.scans, 1)
  clock.advance(1000)
  t.equal(state.scans, 1)
  audit.close()
})

test('a process that was stopped for a while audits', t => {
  const { clock, state, audit } = makeAudit()
  audit.start()
  clock.advance(1000)
  clock.skip(1000)
  clock.advance(0)
  t.equal(state.scans, 0, 'a busy event loop is no doubt')
  clock.skip(5000)
  clock.advance(0)
  t.equal(state.scans, 1)
  audit.close()
  t.end()
})

test('an idle watch audits every 45 s, and less often when that takes long', async t => {
  const { clock, state, audit } = makeAudit()
  audit.start()
  clock.advance(44_000)
  t.equal(state.scans, 0)
  state.scanTakes = 1000
  clock.advance(1500)
  t.equal(state.scans, 1)
  await turn()
  clock.advance(199_000)
  t.equal(state.scans, 1)
  clock.advance(2000)
  t.equal(state.scans, 2)
  audit.close()
  clock.advance(1_000_000)
  t.equal(state.scans, 2, 'nothing after close')
})

test('background work runs in slices until it is done, fails, or the watch is closed', t => {
  const { clock, state, audit } = makeAudit()
  let steps = 0
  const endless = (function * () { for (;;) { steps++; yield } })()
  audit.runInBackground(endless)
  const first = steps
  t.ok(first > 0)
  clock.advance(12)
  t.ok(steps > first)
  audit.runInBackground((function * () { yield; throw new Error('oh') })())
  t.match(state.errors, [{ message: 'oh' }])
  audit.runInBackground((function * () { yield })())
  audit.close()
  const last = steps
  clock.advance(1000)
  t.equal(steps, last)
  audit.start()
  clock.advance(1000)
  t.equal(state.ticks, 0, 'closed before it started')
  t.end()
})

test('polling waits for the interval, for eight times as long as a comparison took, and shortly while files change', async t => {
  const clock = manualClock()
  let comparisons = 0
  let changed = false
  const handle = await createPoll(clock).open('/x', async () => { comparisons++; clock.skip(100); return changed }, { ignored: [], directories: () => [], pollInterval: 300, onLost () {} })
  const advance = async (ms: number) => { clock.advance(ms); await turn(); return comparisons }
  t.equal(await advance(299), 0)
  t.equal(await advance(1), 1)
  t.equal(await advance(799), 1)
  changed = true
  t.equal(await advance(1), 2)
  t.equal(await advance(50), 3)
  await handle.close()
  t.equal(await advance(5000), 3)
})

test('a long scan lets others have their turn, a failing one ends', async t => {
  const seen: unknown[] = []
  const slicer = new TimeSlicer({ onBegin: burst => seen.push(['begin', burst]), onEnd: burst => seen.push(['end', burst]), onError: error => seen.push(error) })
  const error = new Error('oh')
  await slicer.run((function * () { yield 1; throw error })(), true)
  t.strictSame(seen, [['begin', true], error, ['end', true]])
  let others = 0
  const timer = setInterval(() => others++, 1)
  t.teardown(() => clearInterval(timer))
  const isOver = () => others > 2
  const slow = slicer.run((function * () { while (!isOver()) yield })())
  await until(isOver, 'others had their turn', 5000)
  await slow
  slicer.close()
  await slicer.run((function * () { yield t.fail('closed') })())
})
