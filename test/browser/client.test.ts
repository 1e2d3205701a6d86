// The page's client in real Chromium: one browser, the cases by topic, and at last what they covered.
import { test } from 'tap'
import { badge } from './badge.js'
import { choosing } from './choosing.js'
import { connecting } from './connecting.js'
import { missesIn } from './coverage.js'
import { hostile } from './hostile.js'
import { overlay } from './overlay.js'
import { pages } from './pages.js'
import { reloading } from './reloading.js'
import { sharing } from './sharing.js'
import { status } from './status.js'

// Those that measure time or share tabs go one after the other.
for (const cases of [reloading, connecting, choosing, sharing]) test(cases.name, async t => cases(t))
for (const cases of [pages, overlay, hostile, badge, status]) test(cases.name, { jobs: 3 }, async t => cases(t))

test('every line of lib/browser ran', async t => {
  // These have cases, and files of tests, of their own.
  const missed = await missesIn(name => !/^(keeping|preserve\/(?!page-scroll))/.test(name))
  for (const [name, lines] of Object.entries(missed)) t.same(lines, [], name)
})
