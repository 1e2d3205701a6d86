// The suite for watcher backends: the library's own pass it. What it finds wrong with others is in faults.test.ts.
import { test } from 'tap'
import { testBackend } from '../../../lib/entries/testing/backend.js'
import type { WatchBackend } from '../../../lib/watch/backends/backend.js'
import { clock } from '../../../lib/shared/clock.js'
import { createNative } from '../../../lib/watch/backends/native.js'
import { createPoll } from '../../../lib/watch/backends/poll.js'

testBackend('native', { make: () => createNative() }, { test })
testBackend('poll', { make: () => createPoll(clock), polls: true }, { test })

test('what a backend opens too late is closed', async t => {
  const cases: Record<string, () => Promise<void>> = {}
  let isClosed = false
  const slow: WatchBackend = {
    ...createNative(),
    open: async () => {
      await new Promise(resolve => setTimeout(resolve, 300))
      return { close: async () => { isClosed = true } }
    }
  }
  testBackend('it', { make: () => slow, timeout: 200 }, { test: (name, run) => { cases[name] = run } })
  await t.rejects((cases['it: watches a single file'] as () => Promise<void>)(), /not within 200 ms: open\(\)/)
  t.equal(isClosed, true)
})
