// What the client shows, in real Chromium: badge, overlay, the status page.
import { test } from 'tap'
import { badge } from './badge.js'
import { missesIn } from './coverage.js'
import { hostile } from './hostile.js'
import { overlay } from './overlay.js'
import { status } from './status.js'

for (const cases of [overlay, hostile, badge, status]) test(cases.name, { jobs: 3 }, async t => cases(t))

test('every line of what is shown ran', async t => {
  const missed = await missesIn(name => /^(badge|overlay|status|page\/dom|page\/loader)\b/.test(name))
  for (const [name, lines] of Object.entries(missed)) t.same(lines, [], name)
})
