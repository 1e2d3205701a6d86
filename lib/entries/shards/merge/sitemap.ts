// sitemap.xml as sitemaps.org has it: https://www.sitemaps.org/protocol.html
import type { Diagnostic } from '../../../../types/build.js'
import type { Merge, ShardResult } from '../../../../types/shards.js'
import { byText, givenOptions, perShard, siteSettings, write, type Results, type SiteOptions } from './settings.js'
import { addressIn, DECLARATION, leftOut, momentOf, xml } from './xml.js'

const NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
/** What one file may have: addresses, and bytes. */
const [MAX_ADDRESSES, MAX_BYTES] = [50_000, 50 * 1024 * 1024 - 1_024]

/** Writes `sitemap.xml`. Above 50,000 addresses or 50 MiB it is an index of `sitemap-1.xml`, `sitemap-2.xml` and so on. @throws FST_LIVE_RELOAD_INVALID_OPTION */
export function mergeSitemap (options: SiteOptions, name = 'mergeSitemap'): Merge {
  const settings = siteSettings(name, givenOptions(name, options, ['baseUrl', 'outDir']))
  const { base, dir } = settings
  const partOf = perShard((entries: ShardResult['sitemapEntries']) => checkEntries(entries, base))
  return async (results, request) => {
    const { lines, diagnostics } = linesOf(results, partOf, base)
    const parts = cut(lines)
    if (parts.length === 1) {
      await write(request, `${dir}sitemap.xml`, document('urlset', parts[0] as string[]))
      return { diagnostics }
    }
    const names = parts.map((_, i) => `${dir}sitemap-${i + 1}.xml`)
    for (const [i, part] of parts.entries()) await write(request, names[i] as string, document('urlset', part))
    await write(request, `${dir}sitemap.xml`, document('sitemapindex', names.map(path => `<sitemap><loc>${xml(base + path)}</loc></sitemap>`)))
    return { diagnostics }
  }
}

interface Part {
  /** Address -> date, or an empty text. */
  readonly dates: Map<string, string>
  readonly foreign: string[]
  readonly undated: string[]
}

function checkEntries (entries: ShardResult['sitemapEntries'], base: string): Part {
  const part: Part = { dates: new Map(), foreign: [], undated: [] }
  for (const { url, lastmod } of entries) {
    const address = addressIn(base, url)
    if (address === undefined) part.foreign.push(url)
    else {
      const isDated = lastmod !== undefined && momentOf(lastmod) !== undefined
      if (lastmod !== undefined && !isDated) part.undated.push(url)
      addDate(part.dates, address, isDated ? lastmod : '')
    }
  }
  return part
}

/** Named twice it is one line, with the later date. */
function addDate (dates: Map<string, string>, address: string, date: string): void {
  const before = dates.get(address)
  if (before === undefined || isLater(date, before)) dates.set(address, date)
}

function linesOf (results: Results, partOf: (entries: ShardResult['sitemapEntries']) => Part, base: string): { lines: string[], diagnostics: Diagnostic[] } {
  const parts = results.map(({ sitemapEntries }) => partOf(sitemapEntries))
  const [foreign, undated] = [parts.flatMap(part => part.foreign), parts.flatMap(part => part.undated)]
  const dates = new Map<string, string>()
  for (const part of parts) for (const [address, date] of part.dates) addDate(dates, address, date)
  const lines = [...dates].sort(([a], [b]) => byText(a, b)).map(([address, date]) => `<url><loc>${xml(address)}</loc>${date === '' ? '' : `<lastmod>${date}</lastmod>`}</url>`)
  return {
    lines,
    diagnostics: [
      ...leftOut('sitemap', foreign, `left out, since an address must begin with / or ${base}`),
      ...leftOut('sitemap', undated, '`lastmod` is left out, since it must be a date such as 2026-01-31 or 2026-01-31T12:00:00Z')
    ]
  }
}

function isLater (date: string, before: string): boolean {
  const [a, b] = [momentOf(date) ?? -Infinity, momentOf(before) ?? -Infinity]
  return a > b || (a === b && date > before)
}

/** At least one part. */
function cut (lines: readonly string[]): string[][] {
  const parts: string[][] = [[]]
  let bytes = 0
  for (const line of lines) {
    const size = line.length + 1
    const last = parts.at(-1) as string[]
    if (last.length === MAX_ADDRESSES || bytes + size > MAX_BYTES) {
      parts.push([line])
      bytes = size
    } else {
      last.push(line)
      bytes += size
    }
  }
  return parts
}

function document (element: string, lines: readonly string[]): string {
  return `${DECLARATION}<${element} ${NAMESPACE}>\n${lines.map(line => `${line}\n`).join('')}</${element}>\n`
}
