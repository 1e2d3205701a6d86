import { test } from 'tap'
import { mergeSitemap } from '../../../../lib/entries/shards/merge/sitemap.js'
import { merged, result } from './merging.js'

const locs = (text: string | undefined) => [...String(text).matchAll(/<loc>(.*?)<\/loc>/g)].map(match => match[1])

test('addresses are whole, encoded, escaped and sorted; dates are kept', async t => {
  const { files, warnings } = await merged(t, mergeSitemap({ baseUrl: 'https://example.com/docs' }), [
    result('b', { sitemapEntries: [{ url: '/b?x=1&y=<2>' }, { url: '/ä ö/', lastmod: '2026-01-02' }] }),
    result('a', { sitemapEntries: [{ url: 'https://example.com/docs/a', lastmod: '2026-01-02T03:04:05.5+01:00' }, { url: '/' }] })
  ])
  t.strictSame(files, {
    'sitemap.xml': `<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<url><loc>https://example.com/docs/</loc></url>
<url><loc>https://example.com/docs/%C3%A4%20%C3%B6/</loc><lastmod>2026-01-02</lastmod></url>
<url><loc>https://example.com/docs/a</loc><lastmod>2026-01-02T03:04:05.5+01:00</lastmod></url>
<url><loc>https://example.com/docs/b?x=1&amp;y=%3C2%3E</loc></url>
</urlset>
`
  })
  t.strictSame(warnings, [])
})

test('an address that two shards give is one line, with the later date', async t => {
  const entries = [{ url: '/a', lastmod: '2026-01-02' }, { url: '/a', lastmod: '2026-01-03' }, { url: '/a' }, { url: '/a', lastmod: '2025' }]
  for (const [i] of entries.entries()) {
    const turned = [...entries.slice(i), ...entries.slice(0, i)]
    const { files } = await merged(t, mergeSitemap({ baseUrl: 'http://localhost' }), turned.map((entry, n) => result(String(n), { sitemapEntries: [entry] })))
    t.match(files['sitemap.xml'], '<url><loc>http://localhost/a</loc><lastmod>2026-01-03</lastmod></url>\n</urlset>')
  }
  const { files } = await merged(t, mergeSitemap({ baseUrl: 'http://localhost' }), [result('a', { sitemapEntries: [{ url: '/a', lastmod: '2026-01-01' }, { url: '/a', lastmod: '2026-01-01T00:00Z' }] })])
  t.match(files['sitemap.xml'], '<lastmod>2026-01-01T00:00Z</lastmod>', 'of one moment, the same one in any order')
})

test('the list of a shard that was not built again is not read again', async t => {
  let reads = 0
  const entry = { lastmod: '2026-01-02', get url () { reads++; return '/a' } }
  const merge = mergeSitemap({ baseUrl: 'http://localhost' })
  const kept = result('kept', { sitemapEntries: Object.freeze([entry]) })
  const outputs = []
  for (const url of ['/b', '/c']) outputs.push((await merged(t, merge, [kept, result('new', { sitemapEntries: [{ url }] })])).files['sitemap.xml'])
  t.strictSame(outputs.map(locs), [['http://localhost/a', 'http://localhost/b'], ['http://localhost/a', 'http://localhost/c']])
  t.equal(reads, 1)
  const open = result('open', { sitemapEntries: [entry] })
  for (let i = 0; i < 2; i++) await merged(t, merge, [open])
  t.equal(reads, 3, 'what may change is')
})

test('what sitemaps must not have is left out with one warning', async t => {
  const { files, warnings } = await merged(t, mergeSitemap({ baseUrl: 'https://example.com/docs/' }), [
    result('a', { sitemapEntries: [{ url: 'https://other.example/' }, { url: 'guide/' }, { url: 'https://example.com/elsewhere' }, { url: '/a', lastmod: '12.1.2026' }, { url: '/b', lastmod: '2026-13-01' }] })
  ])
  t.strictSame(locs(files['sitemap.xml']), ['https://example.com/docs/a', 'https://example.com/docs/b'])
  t.notMatch(files['sitemap.xml'], 'lastmod')
  t.strictSame(warnings, [
    'warning: sitemap: guide/ and 2 more: left out, since an address must begin with / or https://example.com/docs/',
    'warning: sitemap: /a and 1 more: `lastmod` is left out, since it must be a date such as 2026-01-31 or 2026-01-31T12:00:00Z'
  ])
})

test('above 50,000 addresses it is an index of several', async t => {
  const entries = (count: number) => Array.from({ length: count }, (_, i) => ({ url: `/${String(i).padStart(6, '0')}` }))
  const whole = await merged(t, mergeSitemap({ baseUrl: 'https://example.com' }), [result('a', { sitemapEntries: entries(50_000) })])
  t.strictSame(Object.keys(whole.files), ['sitemap.xml'])
  t.equal(locs(whole.files['sitemap.xml']).length, 50_000)

  const { files } = await merged(t, mergeSitemap({ baseUrl: 'https://example.com', outDir: 'maps' }), [result('a', { sitemapEntries: entries(100_001) })])
  t.strictSame(Object.keys(files), ['maps/sitemap-1.xml', 'maps/sitemap-2.xml', 'maps/sitemap-3.xml', 'maps/sitemap.xml'])
  t.match(files['maps/sitemap.xml'], /^<\?xml [^\n]+\n<sitemapindex xmlns="http:\/\/www\.sitemaps\.org\/schemas\/sitemap\/0\.9">\n<sitemap><loc>https:\/\/example\.com\/maps\/sitemap-1\.xml<\/loc><\/sitemap>\n/)
  t.equal(locs(files['maps/sitemap.xml']).length, 3)
  t.strictSame(['1', '2', '3'].map(n => locs(files[`maps/sitemap-${n}.xml`]).length), [50_000, 50_000, 1])
  t.equal(locs(files['maps/sitemap-3.xml'])[0], 'https://example.com/100000')
})

test('a file has no more than 50 MiB', async t => {
  const long = 'x'.repeat(20_000)
  const { files } = await merged(t, mergeSitemap({ baseUrl: 'https://example.com' }), [result('a', { sitemapEntries: Array.from({ length: 3_000 }, (_, i) => ({ url: `/${i}/${long}` })) })])
  t.strictSame(Object.keys(files), ['sitemap-1.xml', 'sitemap-2.xml', 'sitemap.xml'])
  t.ok(Object.values(files).every(text => Buffer.byteLength(text) <= 50 * 1024 * 1024))
})

test('a site without pages has an empty sitemap', async t => {
  const { files } = await merged(t, mergeSitemap({ baseUrl: 'https://example.com' }), [])
  t.match(files['sitemap.xml'], /<urlset [^>]+>\n<\/urlset>\n$/)
})

test('a wrong option is named', t => {
  const fails = (options: unknown, message: string | RegExp, code = 'FST_LIVE_RELOAD_INVALID_OPTION') => t.throws(() => mergeSitemap(options as never), { code, message })
  fails(undefined, /`mergeSitemap\.baseUrl` must be an address such as .*, got undefined/)
  for (const baseUrl of [7, '/docs/', 'ftp://example.com', 'https://', 'https://a.example/?x', 'https://a.example/#x', 'https://me:secret@a.example']) fails({ baseUrl }, '`mergeSitemap.baseUrl` must be an address')
  for (const outDir of ['/tmp', '../x', 'a/../../b', 'C:\\x', 3]) fails({ baseUrl: 'http://a.example', outDir }, '`mergeSitemap.outDir` must be a path within the output directory')
  fails({ baseUrl: 'http://a.example', limit: 3 }, 'unknown option `mergeSitemap.limit`; known are baseUrl, outDir', 'FST_LIVE_RELOAD_UNKNOWN_OPTION')
  t.doesNotThrow(() => mergeSitemap({ baseUrl: new URL('http://a.example/x') }))
  t.end()
})
