// What the page does instead of a reload, in real Chromium: style sheets, images, who is concerned, and at last which lines ran.
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { test } from 'tap'
import { missedLines } from './coverage.js'
import { repainting } from './repainting.js'
import { restyling } from './restyling.js'
import { sparing } from './sparing.js'

const FOLDER = new URL('../../lib/browser/update/', import.meta.url)

for (const cases of [restyling, repainting, sparing]) test(cases.name, async t => cases(t))

test('every line of lib/browser/update ran', async t => {
  const missed = await missedLines()
  for (const name of readdirSync(FOLDER)) t.same(missed[fileURLToPath(new URL(name, FOLDER))], [], name)
})
