// The page's client in real Chromium: one browser, the cases by topic, and at last what they covered.
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { test } from 'tap'
import { badge } from './badge.js'
import { choosing } from './choosing.js'
import { connecting } from './connecting.js'
import { missedLines } from './coverage.js'
import { hostile } from './hostile.js'
import { overlay } from './overlay.js'
import { pages } from './pages.js'
import { reloading } from './reloading.js'
import { repainting } from './repainting.js'
import { restyling } from './restyling.js'
import { sharing } from './sharing.js'
import { status } from './status.js'

const FOLDER = new URL('../../lib/browser/', import.meta.url)

for (const cases of [reloading, restyling, repainting, connecting, choosing, sharing, pages, overlay, hostile, badge, status]) test(cases.name, async t => cases(t))

test('every line of lib/browser ran', async t => {
  const missed = await missedLines()
  for (const name of readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.ts') || name === 'transport.ts') continue
    t.same(missed[fileURLToPath(new URL(name, FOLDER))], [], name)
  }
})
