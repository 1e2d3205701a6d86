// RSS 2.0 (https://www.rssboard.org/rss-specification) and Atom 1.0 (RFC 4287) of the newest pages.
import type { Diagnostic } from '../../../../types/build.js'
import type { FeedEntry, Merge, ShardResult } from '../../../../types/shards.js'
import { check, integer, matching } from '../../../options/check.js'
import { byText, fileOf, givenOptions, perShard, siteSettings, write, type Results, type SiteOptions } from './settings.js'
import { addressIn, DECLARATION, leftOut, momentOf, xml } from './xml.js'

export interface FeedOptions {
  /** Of the feeds. @default the host of `baseUrl` */
  title?: string
  /** What the feeds are about. @default the title */
  description?: string
  /** Who writes. Atom asks for one. @default the title */
  author?: string
  /** Such as `en`. */
  language?: string
  /** The newest so many. @default 20 */
  limit?: number
  /** Path of the RSS feed; `false` for none. @default 'feed.xml' */
  rss?: string | false
  /** Path of the Atom feed; `false` for none. @default 'atom.xml' */
  atom?: string | false
}

interface Feed {
  readonly base: string
  readonly title: string
  readonly description: string
  readonly author: string
  readonly language: string | undefined
  /** The newest first. */
  readonly items: readonly Item[]
}

interface Item { readonly address: string, readonly title: string, readonly moment: number, readonly html: string | undefined }

/** Writes `feed.xml` and `atom.xml`. @throws FST_LIVE_RELOAD_INVALID_OPTION */
export function mergeFeeds (options: SiteOptions & FeedOptions, name = 'mergeFeeds'): Merge {
  const given = givenOptions(name, options, ['baseUrl', 'outDir', 'title', 'description', 'author', 'language', 'limit', 'rss', 'atom'])
  const { base, dir } = siteSettings(name, given)
  const text = (key: string, fallback: string) => check(`${name}.${key}`, given[key] === undefined ? fallback : given[key], 'a text', matching(/\S/))
  const title = text('title', new URL(base).host)
  const settings = { base, title, description: text('description', title), author: text('author', title), language: given.language === undefined ? undefined : text('language', '') }
  const limit = integer(`${name}.limit`, given.limit, 20, 1, 10_000)
  const [rss, atom] = [fileOf(`${name}.rss`, given.rss, 'feed.xml'), fileOf(`${name}.atom`, given.atom, 'atom.xml')]
  const partOf = perShard((entries: ShardResult['feedEntries']) => newestOf(entries, base, limit))
  return async (results, request) => {
    const { items, diagnostics } = newest(results, partOf, { base, limit })
    const feed = { ...settings, items }
    if (rss !== undefined) await write(request, dir + rss, writeRss(feed, `${base}${dir}${rss}`))
    if (atom !== undefined) await write(request, dir + atom, writeAtom(feed, `${base}${dir}${atom}`))
    return { diagnostics }
  }
}

interface Part { readonly items: Item[], readonly foreign: string[], readonly undated: string[] }

/** The newest of one shard are enough: whatever is not among them is not among the newest of all. */
function newestOf (entries: ShardResult['feedEntries'], base: string, limit: number): Part {
  const [foreign, undated, items]: [string[], string[], Item[]] = [[], [], []]
  for (const entry of entries) {
    const address = addressIn(base, entry.url)
    const moment = momentOf(entry.date)
    if (address === undefined) foreign.push(entry.url)
    else if (moment === undefined) undated.push(entry.url)
    else items.push(toItem(entry, address, moment))
  }
  return { items: firstOf(items, limit), foreign, undated }
}

/** One item for each address. */
function firstOf (items: readonly Item[], limit: number): Item[] {
  const byAddress = new Map<string, Item>()
  for (const item of items) {
    const before = byAddress.get(item.address)
    if (before === undefined || inOrder(item, before) < 0) byAddress.set(item.address, item)
  }
  return [...byAddress.values()].sort(inOrder).slice(0, limit)
}

function newest (results: Results, partOf: (entries: ShardResult['feedEntries']) => Part, { base, limit }: { readonly base: string, readonly limit: number }): { items: Item[], diagnostics: Diagnostic[] } {
  const parts = results.map(({ feedEntries }) => partOf(feedEntries))
  const [foreign, undated] = [parts.flatMap(part => part.foreign), parts.flatMap(part => part.undated)]
  return {
    items: firstOf(parts.flatMap(part => part.items), limit),
    diagnostics: [
      ...leftOut('feed', foreign, `left out, since an address must begin with / or ${base}`),
      ...leftOut('feed', undated, 'left out, since `date` must be a date such as 2026-01-31 or 2026-01-31T12:00:00Z')
    ]
  }
}

const toItem = ({ title, html }: FeedEntry, address: string, moment: number): Item => ({ address, title, moment, html })

/** The newest first; entries of one moment by address, and those of one address by what they say. */
function inOrder (a: Item, b: Item): number {
  return b.moment - a.moment || byText(a.address, b.address) || byText(a.title, b.title) || byText(a.html ?? '', b.html ?? '')
}

function writeRss ({ base, title, description, language, items }: Feed, self: string): string {
  // No time of the build: the same pages give the same bytes.
  const built = items[0] === undefined ? '' : `\n<lastBuildDate>${new Date(items[0].moment).toUTCString()}</lastBuildDate>`
  const entries = items.map(item => `<item>
<title>${xml(item.title)}</title>
<link>${xml(item.address)}</link>
<guid isPermaLink="true">${xml(item.address)}</guid>
<pubDate>${new Date(item.moment).toUTCString()}</pubDate>${item.html === undefined ? '' : `\n<description>${xml(item.html)}</description>`}
</item>
`)
  return `${DECLARATION}<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom">
<channel>
<title>${xml(title)}</title>
<link>${xml(base)}</link>
<description>${xml(description)}</description>${language === undefined ? '' : `\n<language>${xml(language)}</language>`}${built}
<atom:link href="${xml(self)}" rel="self" type="application/rss+xml"/>
${entries.join('')}</channel>
</rss>
`
}

function writeAtom ({ base, title, description, author, language, items }: Feed, self: string): string {
  const entries = items.map(item => `<entry>
<title>${xml(item.title)}</title>
<id>${xml(item.address)}</id>
<link rel="alternate" href="${xml(item.address)}"/>
<updated>${new Date(item.moment).toISOString()}</updated>${item.html === undefined ? '' : `\n<content type="html">${xml(item.html)}</content>`}
</entry>
`)
  // `updated` has to be there, also when nothing has been written yet.
  return `${DECLARATION}<feed xmlns="http://www.w3.org/2005/Atom"${language === undefined ? '' : ` xml:lang="${xml(language)}"`}>
<title>${xml(title)}</title>
<subtitle>${xml(description)}</subtitle>
<id>${xml(base)}</id>
<link rel="alternate" href="${xml(base)}"/>
<link rel="self" type="application/atom+xml" href="${xml(self)}"/>
<updated>${new Date(items[0]?.moment ?? 0).toISOString()}</updated>
<author><name>${xml(author)}</name></author>
${entries.join('')}</feed>
`
}
