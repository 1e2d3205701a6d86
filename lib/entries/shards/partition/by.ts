// The ways to cut a site into shards. All are pure.
import type { Page, Partition } from '../../../../types/shards.js'
import { placeOf } from './rendezvous.js'

/** Shards of these partitions are not split further: their number is the wanted one. */
const ofWantedNumber = new WeakSet<Partition>()

export function isOfWantedNumber (partition: Partition): boolean {
  return ofWantedNumber.has(partition)
}

/** By a hash of the page's id: an edit, a new or a removed page changes one shard. */
const hash: Partition = (pages, count) => group(pages, page => name(placeOf(page.id, count), count))

/** Shards of equal weight. A new page may change all of them, so nothing is found in a cache: for builds without one. */
const weight: Partition = (pages, count) => {
  const shards = Array.from({ length: count }, (_, i) => ({ id: name(i, count), weight: 0, pages: [] as Page[] }))
  const weightOf = (page: Page) => page.weight ?? 1
  for (const page of [...pages].sort((a, b) => weightOf(b) - weightOf(a) || (a.id < b.id ? -1 : 1))) {
    const lightest = shards.reduce((best, shard) => shard.weight < best.weight ? shard : best)
    lightest.pages.push(page)
    lightest.weight += weightOf(page)
  }
  return new Map(shards.filter(shard => shard.pages.length > 0).map(({ id, pages }) => [id, pages]))
}

ofWantedNumber.add(hash).add(weight)

const byProperty = (property: 'section' | 'version' | 'kind', fallback: string): Partition => pages => group(pages, page => page[property] || fallback)

/** Two dimensions: cut by the first, and each part by the second. Names may have a `/`: `a/b` and `c` are one shard with `a` and `b/c`. */
const each = (first: Partition, second: Partition): Partition => (pages, count) => {
  const parts = new Map<string, readonly Page[]>()
  for (const [id, part] of first(pages, count)) {
    for (const [inner, few] of second(part, count)) parts.set(`${id}/${inner}`, [...parts.get(`${id}/${inner}`) ?? [], ...few])
  }
  return parts
}

export const by = { hash, weight, section: byProperty('section', 'other'), version: byProperty('version', 'other'), kind: byProperty('kind', 'content'), each }

function group (pages: readonly Page[], nameOf: (page: Page) => string): Map<string, Page[]> {
  const groups = new Map<string, Page[]>()
  for (const page of pages) {
    const id = nameOf(page)
    const found = groups.get(id)
    if (found === undefined) groups.set(id, [page])
    else found.push(page)
  }
  return groups
}

/** `07` of 16: sorted as texts they are in order. */
function name (index: number, count: number): string {
  return String(index).padStart(String(count - 1).length, '0')
}
