import { test } from 'tap'
import { mergeFeeds } from '../../../../lib/entries/shards/merge/feeds.js'
import { mergeSitemap } from '../../../../lib/entries/shards/merge/sitemap.js'
import { page } from '../../../support/browser.js'
import { merged, result } from './merging.js'

const links = (text: string | undefined) => [...String(text).matchAll(/<guid isPermaLink="true">(.*?)<\/guid>/g)].map(match => match[1])
const entry = (url: string, date: string, html?: string) => ({ url, title: `Title of ${url}`, date, ...html !== undefined && { html } })

test('RSS and Atom have what their specifications ask for', async t => {
  const { files, warnings } = await merged(t, mergeFeeds({ baseUrl: 'https://example.com/docs/', title: 'News & more', description: 'What is new', author: 'Ada', language: 'en' }), [
    result('a', { feedEntries: [entry('/a', '2026-01-02', '<p>1 &lt; 2]]></p>'), entry('/b', '2026-03-04T05:06:07+02:00')] })
  ])
  t.equal(files['feed.xml'], `<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom">
<channel>
<title>News &amp; more</title>
<link>https://example.com/docs/</link>
<description>What is new</description>
<language>en</language>
<lastBuildDate>Wed, 04 Mar 2026 03:06:07 GMT</lastBuildDate>
<atom:link href="https://example.com/docs/feed.xml" rel="self" type="application/rss+xml"/>
<item>
<title>Title of /b</title>
<link>https://example.com/docs/b</link>
<guid isPermaLink="true">https://example.com/docs/b</guid>
<pubDate>Wed, 04 Mar 2026 03:06:07 GMT</pubDate>
</item>
<item>
<title>Title of /a</title>
<link>https://example.com/docs/a</link>
<guid isPermaLink="true">https://example.com/docs/a</guid>
<pubDate>Fri, 02 Jan 2026 00:00:00 GMT</pubDate>
<description>&lt;p&gt;1 &amp;lt; 2]]&gt;&lt;/p&gt;</description>
</item>
</channel>
</rss>
`)
  t.equal(files['atom.xml'], `<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">
<title>News &amp; more</title>
<subtitle>What is new</subtitle>
<id>https://example.com/docs/</id>
<link rel="alternate" href="https://example.com/docs/"/>
<link rel="self" type="application/atom+xml" href="https://example.com/docs/atom.xml"/>
<updated>2026-03-04T03:06:07.000Z</updated>
<author><name>Ada</name></author>
<entry>
<title>Title of /b</title>
<id>https://example.com/docs/b</id>
<link rel="alternate" href="https://example.com/docs/b"/>
<updated>2026-03-04T03:06:07.000Z</updated>
</entry>
<entry>
<title>Title of /a</title>
<id>https://example.com/docs/a</id>
<link rel="alternate" href="https://example.com/docs/a"/>
<updated>2026-01-02T00:00:00.000Z</updated>
<content type="html">&lt;p&gt;1 &amp;lt; 2]]&gt;&lt;/p&gt;</content>
</entry>
</feed>
`)
  t.strictSame(warnings, [])
})

test('a browser reads all of it as XML, whatever the pages say', async t => {
  const odd = '\u0000\u000b\ud800 <b title="\'&amp;\'">]]></b> \u{1f600} \ufffe'
  const some = { feedEntries: [{ url: '/?a=1&b=2', title: odd, date: '2026-01-02', html: odd }], sitemapEntries: [{ url: '/?a=1&b=<2>', lastmod: '2026' }] }
  const options = { baseUrl: "https://example.com/it's/", title: odd, description: odd, author: odd }
  const [feeds, map] = [await merged(t, mergeFeeds(options), [result('a', some)]), await merged(t, mergeSitemap({ baseUrl: options.baseUrl }), [result('a', some)])]
  const tab = await page(t)
  const parsed = await tab.evaluate(texts => texts.map(text => {
    const found = new DOMParser().parseFromString(text, 'application/xml')
    return [found.querySelector('parsererror')?.textContent, found.documentElement.localName, found.querySelector('item > title, entry > title, loc')?.textContent]
  }), [feeds.files['feed.xml'], feeds.files['atom.xml'], map.files['sitemap.xml']].map(String))
  const shown = '\ufffd\ufffd\ufffd <b title="\'&amp;\'">]]></b> \u{1f600} \ufffd'
  t.strictSame(parsed, [[undefined, 'rss', shown], [undefined, 'feed', shown], [undefined, 'urlset', "https://example.com/it's/?a=1&b=%3C2%3E"]])
})

test('the newest so many, those of one moment by address, each once', async t => {
  const entries = [entry('/c', '2026-01-01'), entry('/a', '2026-01-01T00:00Z'), entry('/b', '2026-01-01T01:00+01:00'), entry('/new', '2026-02'), entry('/old', '2025')]
  const { files } = await merged(t, mergeFeeds({ baseUrl: 'http://localhost', limit: 4 }), [result('a', { feedEntries: entries }), result('b', { feedEntries: [entry('/new', '2024'), entry('/a', '2026-01-01', 'x')] })])
  t.strictSame(links(files['feed.xml']), ['/new', '/a', '/b', '/c'].map(path => `http://localhost${path}`))
  const many = await merged(t, mergeFeeds({ baseUrl: 'http://localhost' }), [result('a', { feedEntries: Array.from({ length: 30 }, (_, i) => entry(`/${i}`, '2026')) })])
  t.equal(links(many.files['feed.xml']).length, 20, 'by default 20')
})

test('an address that is new in one shard and old in another takes no place of the others', async t => {
  const of = (url: string, day: number) => ({ url, title: `${url} ${day}`, date: `2026-01-0${day}` })
  const results = [result('a', { feedEntries: [of('/x', 9), of('/y', 3)] }), result('b', { feedEntries: [of('/x', 8), of('/z', 7), of('/y', 6)] })]
  const { files } = await merged(t, mergeFeeds({ baseUrl: 'http://localhost', limit: 2 }), results)
  t.strictSame([...String(files['feed.xml']).matchAll(/<item>\n<title>(.*?)</g)].map(match => match[1]), ['/x 9', '/z 7'])
})

test('entries without a date or of other sites are left out with a warning', async t => {
  const { files, warnings } = await merged(t, mergeFeeds({ baseUrl: 'http://localhost', title: 'x' }), [
    result('a', { feedEntries: [entry('/a', '2026-01-01 10:00'), entry('/b', '2026-01-01T10:00'), entry('/c', 'yesterday'), entry('http://other.example/', '2026'), entry('/d', '2026')] })
  ])
  t.strictSame(links(files['feed.xml']), ['http://localhost/d'])
  t.strictSame(warnings, [
    'warning: feed: http://other.example/: left out, since an address must begin with / or http://localhost/',
    'warning: feed: /a and 2 more: left out, since `date` must be a date such as 2026-01-31 or 2026-01-31T12:00:00Z'
  ])
})

test('feeds may have other names, be left out, and be empty', async t => {
  const { files } = await merged(t, mergeFeeds({ baseUrl: 'http://localhost:3000', outDir: 'blog/', rss: 'rss/all.xml', atom: false }), [])
  t.strictSame(Object.keys(files), ['blog/rss/all.xml'])
  t.match(files['blog/rss/all.xml'], '<title>localhost:3000</title>', 'the host is the title')
  t.match(files['blog/rss/all.xml'], 'href="http://localhost:3000/blog/rss/all.xml"')
  const atom = await merged(t, mergeFeeds({ baseUrl: 'http://localhost', rss: false }), [])
  t.strictSame(Object.keys(atom.files), ['atom.xml'])
  t.match(atom.files['atom.xml'], '<updated>1970-01-01T00:00:00.000Z</updated>', 'Atom wants a time, and there is none')
})

test('a wrong option is named', t => {
  const wrong = { title: '', description: 3, author: ' ', language: null, limit: 0, rss: true, atom: 'x/', outDir: '..' }
  for (const [name, value] of Object.entries(wrong)) {
    t.throws(() => mergeFeeds({ baseUrl: 'http://localhost', [name]: value } as never), { code: 'FST_LIVE_RELOAD_INVALID_OPTION', message: `\`mergeFeeds.${name}\` must be` }, name)
  }
  t.throws(() => mergeFeeds({ baseUrl: 'http://localhost', size: 3 } as never), { code: 'FST_LIVE_RELOAD_UNKNOWN_OPTION', message: '`mergeFeeds.size`' })
  t.end()
})
