import { test } from 'tap'
import { mergeSite, type MergeSiteOptions } from '../../../../lib/entries/shards/merge/site.js'
import { tagPages } from '../../../../lib/entries/shards/merge/tags.js'
import { searchPages } from '../../../../lib/entries/shards/merge/search.js'
import { Random } from '../../../fuzz/random.js'
import { folder } from '../../../support/folder.js'
import { times } from '../../../support/times.js'
import { context, merged, request, result, type Result } from './merging.js'

const baseUrl = 'https://example.com/'
const rich = [
  result('a', {
    renderedPages: ['a.html', 'search/0.json'],
    sitemapEntries: [{ url: '/a' }],
    feedEntries: [{ url: '/a', title: 'A', date: '2026' }],
    tagManifest: { x: [{ url: '/a', title: 'A' }], X: [{ url: '/a', title: 'A' }] },
    links: [['/a', ['/feed.xml', '/sitemap.xml', '/search/index.json', '/gone']]]
  })
]

test('all parts by default, in one site', async t => {
  const { files, warnings } = await merged(t, mergeSite({ baseUrl, title: 'Mine' }), rich)
  t.strictSame(Object.keys(files), ['atom.xml', 'feed.xml', 'search/index.json', 'sitemap.xml'])
  t.match(files['feed.xml'], '<title>Mine</title>')
  t.strictSame(warnings, [
    'warning: the tag `X` is also written `x` of /a: they are one page',
    'warning: there is no /gone to link to, as /a does'
  ], 'what the merge itself writes may be linked to')
})

test('each part may be switched off, or have options', async t => {
  const none = await merged(t, mergeSite({ baseUrl, sitemap: false, feeds: false, search: false, links: false, tags: false }), rich)
  t.strictSame([none.files, none.warnings], [{}, []])
  const some = await merged(t, mergeSite({ baseUrl, outDir: 'meta', feeds: { rss: 'news.xml', atom: false }, search: { dir: 'find' }, links: { ignore: () => true }, tags: { slug: tag => tag } }), rich)
  t.strictSame(Object.keys(some.files), ['meta/news.xml', 'meta/sitemap.xml'])
  t.strictSame(some.warnings, [])
})

test('a wrong option is named where it stands', t => {
  const wrong: [object, string][] = [
    [{}, '`mergeSite.baseUrl`'], [{ baseUrl, title: 3 }, '`mergeSite.title`'], [{ baseUrl, sitemap: 'x' }, '`mergeSite.sitemap` must be true or false'], [{ baseUrl, feeds: 'x' }, '`mergeSite.feeds` must be true, false or an object'],
    [{ baseUrl, search: null }, '`mergeSite.search`'], [{ baseUrl, links: [] }, '`mergeSite.links`'], [{ baseUrl, feeds: { limit: 0 } }, '`mergeSite.feeds.limit`'], [{ baseUrl, links: { max: 'x' } }, '`mergeSite.links.max`'],
    [{ baseUrl, tags: { slug: 1 } }, '`mergeSite.tags.slug`'], [{ baseUrl, search: { dir: 1 } }, '`mergeSite.search.dir`']
  ]
  for (const [options, message] of wrong) t.throws(() => mergeSite(options as MergeSiteOptions), { code: 'FST_LIVE_RELOAD_INVALID_OPTION', message }, message)
  t.throws(() => mergeSite({ baseUrl, sitmap: true } as never), { code: 'FST_LIVE_RELOAD_UNKNOWN_OPTION', message: '`mergeSite.sitmap`' })
  t.end()
})

test('it stops between two parts when the build is aborted', async t => {
  const out = folder(t)
  await t.rejects(Promise.resolve(mergeSite({ baseUrl })(rich, request(out.path), context(AbortSignal.abort(new Error('newer change'))))), { message: 'newer change' })
})

/** A site of random pages, each with its share of a result. */
function randomPages (random: Random): Result[] {
  const count = 1 + random.below(60)
  const url = () => `/${random.pick(['a', 'b', 'ü'])}/${random.below(40)}`
  const date = () => random.pick(['2026', '2026-01', '2026-01-01', '2026-01-01T00:00Z', '2025-12-31T23:00-01:00', 'never'])
  return Array.from({ length: count }, (_, i) => {
    const own = url()
    const title = `Title ${random.below(3)}`
    return result(String(i), {
      renderedPages: [`${own.slice(1)}-${i}.html`],
      sitemapEntries: [{ url: own, ...random.chance(0.5) && { lastmod: date() } }],
      feedEntries: random.chance(0.5) ? [{ url: own, title, date: date() }] : [],
      searchEntries: [{ url: own, title, text: `Text ${random.below(5)}` }],
      tagManifest: Object.fromEntries(random.list(3, () => random.pick(['Build', 'build', 'C++', 'watch'])).map(tag => [tag, [{ url: own, title }]])),
      links: [[own, random.list(4, url)]]
    })
  })
}

/** The same pages in other shards, in any order. */
function regroup (pages: readonly Result[], random: Random): Result[] {
  const left = [...pages]
  const shards = Array.from({ length: 1 + random.below(pages.length) }, (_, i) => result(`shard-${i}`))
  while (left.length > 0) {
    const [page] = left.splice(random.below(left.length), 1) as [Result]
    const at = random.below(shards.length)
    const into = shards[at] as Result
    const tagManifest = { ...into.tagManifest }
    for (const [tag, refs] of Object.entries(page.tagManifest)) tagManifest[tag] = [...tagManifest[tag] ?? [], ...refs]
    shards[at] = result(into.shardId, {
      renderedPages: [...into.renderedPages, ...page.renderedPages],
      sitemapEntries: [...into.sitemapEntries, ...page.sitemapEntries],
      feedEntries: [...into.feedEntries, ...page.feedEntries],
      searchEntries: [...into.searchEntries, ...page.searchEntries],
      tagManifest,
      links: [...into.links, ...page.links]
    })
  }
  return shards
}

test('neither the partition nor the order of pages and shards changes a byte', async t => {
  for (let seed = 1; seed <= times(25, 1_000); seed++) {
    const random = new Random(seed)
    const pages = randomPages(random)
    const all = async (results: readonly Result[]) => ({
      ...await merged(t, mergeSite({ baseUrl, feeds: { limit: 5 }, links: { max: 3 } }), results),
      tags: await tagPages().pages(results, request('/')),
      search: (await searchPages().pages(results, request('/'))).map(page => JSON.stringify(page)).sort()
    })
    const expected = await all(pages)
    for (let turn = 0; turn < 4; turn++) {
      const other = await all(regroup(pages, random))
      if (JSON.stringify(other) !== JSON.stringify(expected)) t.strictSame(other, expected, `seed ${seed}`)
    }
    if (!t.passing()) break
  }
  t.pass('all seeds')
})
