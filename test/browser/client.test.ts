// The page's client in real Chromium: one browser, the cases by topic, and at last what they covered.
import { readdirSync } from 'node:fs'
import { dirname } from 'node:path'
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
import { sharing } from './sharing.js'
import { status } from './status.js'

const FOLDER = new URL('../../lib/browser/', import.meta.url)

for (const cases of [reloading, connecting, choosing, sharing, pages, overlay, hostile, badge, status]) test(cases.name, async t => cases(t))

test('every line of lib/browser ran', async t => {
  const missed = await missedLines()
  for (const name of readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })) {
    // What updates a page has a browser, and a look at its lines, of its own: `updating.test.ts`.
    if (!name.endsWith('.ts') || name === 'transport.ts' || dirname(name) === 'update') continue
    t.same(missed[fileURLToPath(new URL(name, FOLDER))], [], name)
  }
})
