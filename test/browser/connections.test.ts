// How the page's client keeps its connection, in real Chromium: one browser, the cases by topic, and at last what they covered.
import { test } from 'tap'
import { choosing } from './choosing.js'
import { connecting } from './connecting.js'
import { missesIn } from './coverage.js'
import { sharing } from './sharing.js'

// Cases that share tabs, or cut connections, come one after the other; the topics are side by side, since pages wait most of the time.
test('connections', { jobs: 3 }, async t => {
  for (const cases of [sharing, choosing, connecting]) t.test(cases.name, async t => cases(t))
})

test('every line of lib/browser/connection ran', async t => {
  const missed = await missesIn(name => name.startsWith('connection/'))
  for (const [name, lines] of Object.entries(missed)) t.same(lines, [], name)
})
