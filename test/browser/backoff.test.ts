import { test } from 'tap'
import { backoff } from '../../lib/browser/connection/backoff.js'

test('backoff', async t => {
  for (const [tries, least, most] of [[0, 25, 50], [1, 50, 100], [3, 200, 400], [6, 1600, 3200], [7, 2500, 5000], [2000, 2500, 5000]] as const) {
    t.equal(backoff(tries, 0), least, `at least, after ${tries}`)
    t.equal(backoff(tries, 1), most, `at most, after ${tries}`)
    const some = Array.from({ length: 100 }, () => backoff(tries))
    t.ok(some.every(wait => wait >= least && wait <= most) && new Set(some).size > 90, `spread, after ${tries}`)
  }
})
