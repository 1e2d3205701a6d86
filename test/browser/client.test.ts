// What the page's client makes of a change in real Chromium: one browser, the cases by topic, and at last what they covered.
import { test } from 'tap'
import { missesIn } from './coverage.js'
import { errorPages } from './error-pages.js'
import { pages } from './pages.js'
import { reloading } from './reloading.js'
import { returning } from './returning.js'

// The cases are side by side, since pages wait most of the time.
test('reloading', { jobs: 3 }, async t => reloading(t))
test('returning', { jobs: 3 }, async t => returning(t))
test('pages', { jobs: 3 }, async t => pages(t))
test('error pages', { jobs: 4 }, async t => errorPages(t))

test('every line of lib/browser ran, but for what has tests of its own', async t => {
  const missed = await missesIn(name => !/^(connection\/|(update|morph|badge|overlay|status|preserve|reload\/apply-change|page\/dom|page\/loader|console)\b)/.test(name))
  for (const [name, lines] of Object.entries(missed)) t.same(lines, [], name)
})
