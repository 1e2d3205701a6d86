// When changes are built, on a clock that only moves when it is told to.
import { test } from 'tap'
import { createPace } from '../../../lib/builds/scheduler/throttle.js'
import { until } from '../../support/wait.js'

/** Changes at these times -> `time: paths` of each build, until the clock stands at the end. */
function play (changes: readonly number[], end: number): string[] {
  const builds: string[] = []
  let time = 0
  let due: { at: number, run: () => void } | undefined
  const pace = createPace(paths => { builds.push(`${time}: ${paths.join(' ')}`) }, {
    now: () => time,
    after (ms, run) {
      const mine = due = { at: time + ms, run }
      return () => { if (due === mine) due = undefined }
    }
  })
  for (; time <= end; time++) {
    if (due !== undefined && due.at <= time) {
      const { run } = due
      due = undefined
      run()
    }
    if (changes.includes(time)) pace.changed([`p${time}`])
  }
  return builds
}

const every = (ms: number, end: number) => Array.from({ length: Math.floor(end / ms) }, (_, i) => (i + 1) * ms)

test('lone changes go at once, a stream is gathered', async t => {
  t.strictSame(play([10], 1000), ['10: p10'])
  t.strictSame(play([10, 600, 1200, 1800, 2400], 5000).length, 5, 'a save now and then is never held')
  t.strictSame(play([10, 20, 30], 1000), ['10: p10', '20: p20', '30: p30'], 'nor are three in a row')
  t.strictSame(play([10, 20, 30, 40, 50], 1000), ['10: p10', '20: p20', '30: p30', '300: p40 p50'], 'more wait for a pause')
  t.strictSame(play([10, 20, 30, 40, 800], 2000), ['10: p10', '20: p20', '30: p30', '290: p40', '800: p800'], 'after which all is as before')
})

test('a stream without a pause is built now and then', async t => {
  const builds = play(every(100, 5000), 6000)
  t.ok(builds.length <= 11, `${builds.length} builds`)
  t.match(builds[3], /^1000: p400 .* p900/, 'none waits longer than 600 ms')
  t.match(builds.at(-1), /p5000$/, 'the last change is built')
})

test('on the real clock; closed while it holds something', async t => {
  const builds: string[] = []
  const pace = createPace(paths => { builds.push(paths.join(' ')) })
  for (const path of 'abcde') pace.changed([path])
  await until(() => builds.length === 4, 'the rest')
  t.equal(builds[3], 'd e')
  pace.changed(['f'])
  pace.close()
  createPace(() => {}).close()
  await new Promise(resolve => setTimeout(resolve, 300))
  t.equal(builds.length, 4)
})
