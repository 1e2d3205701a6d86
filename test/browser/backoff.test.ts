import { test } from 'tap'
import { backoff } from '../../lib/browser/connection/backoff.js'

test('backoff', async t => {
  for (const [tries, least, most] of [[0, 50, 100], [1, 51, 101], [70, 100, 201], [302, 1000, 2000], [1e6, 1000, 2000]] as const) {
    t.equal(Math.round(backoff(tries, 0)), least, `at least, after ${tries}`)
    t.equal(Math.round(backoff(tries, 1)), most, `at most, after ${tries}`)
    const some = Array.from({ length: 100 }, () => backoff(tries))
    t.ok(some.every(wait => wait >= least - 1 && wait <= most + 1) && new Set(some).size > 90, `spread, after ${tries}`)
  }
})

test('backoff: what was away for long waits a hundredth of that time, and no more than 2 s', async t => {
  let away = 0
  for (let tries = 0; away < 600_000; tries++) {
    const pause = backoff(tries, 0.5)
    t.ok(pause <= Math.min(2000, 100 + away / 75), `${pause} ms after ${away} ms`)
    away += pause
  }
})
