// What the page does instead of a reload, in real Chromium: style sheets, images, who is concerned, and at last which lines ran.
import { test } from 'tap'
import { missesIn } from './coverage.js'
import { renaming } from './renaming.js'
import { repainting } from './repainting.js'
import { restyling } from './restyling.js'
import { sparing } from './sparing.js'

// Each page has a server and a context of its own, and waits most of the time.
for (const cases of [restyling, renaming, repainting, sparing]) test(cases.name, { jobs: 4 }, async t => cases(t))

test('every line of lib/browser/update ran', async t => {
  const missed = await missesIn(name => /^update\//.test(name))
  for (const [name, lines] of Object.entries(missed)) t.same(lines, [], name)
})
