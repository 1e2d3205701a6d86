// The page's client in real Chromium: one browser, the cases by topic, and at last what they covered.
import { test } from 'tap'
import { choosing } from './choosing.js'
import { connecting } from './connecting.js'
import { missesIn } from './coverage.js'
import { errorPages } from './error-pages.js'
import { pages } from './pages.js'
import { reloading } from './reloading.js'
import { returning } from './returning.js'
import { sharing } from './sharing.js'

// Cases that share tabs, or cut connections, come one after the other; the topics are side by side, since pages wait most of the time.
test('connections', { jobs: 3 }, async t => {
  for (const cases of [sharing, choosing, connecting]) t.test(cases.name, async t => cases(t))
})
test('reloading', { jobs: 3 }, async t => reloading(t))
test('returning', { jobs: 3 }, async t => returning(t))
test('pages', { jobs: 3 }, async t => pages(t))
test('error pages', { jobs: 4 }, async t => errorPages(t))

test('every line of lib/browser ran, but for what has tests of its own', async t => {
  const missed = await missesIn(name => !/^(update|morph|badge|overlay|status|preserve|reload\/apply-change|page\/dom|page\/loader|console)\b/.test(name))
  for (const [name, lines] of Object.entries(missed)) t.same(lines, [], name)
})
