// The index for a search in the page, in fragments: each is built in a worker and kept in the cache, so an edit builds one of them.
import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import type { DerivedPages, Merge, SearchEntry } from '../../../../types/shards.js'
import { integer } from '../../../options/check.js'
import { SEARCH_INDEX, type FragmentData } from './search-shard.js'
import { byText, folderOf, givenOptions, write, type Results } from './settings.js'

export interface SearchOptions {
  /** Directory of the fragments, below the output directory. @default 'search' */
  dir?: string
}

export interface SearchPagesOptions extends SearchOptions {
  /** Characters of a page's text that are stored, to be shown with a result. @default 160 */
  excerpt?: number
}

/** Fragments by pages: up to so many pages, so many. Steps, since another number changes every fragment. Small ones, since an edit builds one of them again. */
const STEPS = [[150, 1], [500, 4], [2_000, 16], [8_000, 64], [Infinity, 256]] as const

/** Fragments of a search index by MiniSearch, from `searchEntries`. For the option `derived` of `sharded()`. @throws FST_LIVE_RELOAD_INVALID_OPTION */
export function searchPages (options: SearchPagesOptions = {}): DerivedPages {
  const name = 'searchPages'
  const given = givenOptions(name, options, ['dir', 'excerpt'])
  const dir = folderOf(`${name}.dir`, given.dir, 'search')
  const excerpt = integer(`${name}.excerpt`, given.excerpt, 160, 0, 10_000)
  return {
    shard: fileURLToPath(new URL('./search-shard.js', import.meta.url)),
    // Each is a shard: of two in one, an edit would build both.
    partition: pages => new Map(pages.map(page => [page.id, [page]])),
    pages: results => [...fragmentsOf(results)].map(([number, entries]) => ({
      id: `search:${number}`,
      kind: 'search',
      weight: entries.length,
      data: { entries, excerpt } satisfies FragmentData,
      outputs: [`${dir}${number}.json`]
    }))
  }
}

/** Writes the list of fragments, `search/index.json`, when there are any. @throws FST_LIVE_RELOAD_INVALID_OPTION */
export function mergeSearch (options: SearchOptions = {}, name = 'mergeSearch'): Merge {
  const dir = folderOf(`${name}.dir`, givenOptions(name, options, ['dir']).dir, 'search')
  return async (results, request) => {
    const numbers = results.flatMap(({ renderedPages }) => renderedPages)
      .map(path => path.startsWith(dir) ? /^(\d+)\.json$/.exec(path.slice(dir.length))?.[1] : undefined)
      .filter(number => number !== undefined).map(Number).sort((a, b) => a - b)
    if (numbers.length === 0) return
    await write(request, `${dir}index.json`, `${JSON.stringify({ options: SEARCH_INDEX, fragments: numbers.map(number => `${number}.json`) })}\n`)
  }
}

/** By a hash of the address, so that neither the partition nor another page changes where a page is. */
function fragmentsOf (results: Results): Map<number, SearchEntry[]> {
  const byUrl = new Map<string, SearchEntry>()
  for (const entry of results.flatMap(({ searchEntries }) => searchEntries)) {
    const before = byUrl.get(entry.url)
    // Named twice, it is found once: the same one whichever shard comes first.
    if (before === undefined || byText(JSON.stringify(entry), JSON.stringify(before)) < 0) byUrl.set(entry.url, entry)
  }
  const count = (STEPS.find(([pages]) => byUrl.size <= pages) as typeof STEPS[number])[1]
  const fragments = new Map<number, SearchEntry[]>()
  for (const entry of [...byUrl.values()].sort((a, b) => byText(a.url, b.url))) {
    const number = createHash('sha256').update(entry.url).digest().readUInt32BE() % count
    const same = fragments.get(number)
    if (same === undefined) fragments.set(number, [entry])
    else same.push(entry)
  }
  return fragments
}
