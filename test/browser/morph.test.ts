// A page whose HTML changes, in real Chromium: changed in place where that can be right, and which lines of that ran.
import { test } from 'tap'
import { missesIn } from './coverage.js'
import { morphs, refuses } from './morphing.js'
import { mixed } from './morphing-more.js'

for (const cases of [morphs, refuses, mixed]) test(cases.name, { jobs: 6 }, async t => cases(t))

test('every line of lib/browser/morph ran', async t => {
  const missed = await missesIn(name => name.startsWith('morph/'))
  for (const [name, lines] of Object.entries(missed)) t.same(lines, [], name)
})
