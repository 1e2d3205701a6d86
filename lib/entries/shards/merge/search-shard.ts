// Runs in a worker: the serialised index of each fragment.
import type MiniSearchClass from 'minisearch'
import { errors } from '../../../errors.js'
import { checkPeer, installable, PEERS } from '../peers.js'
import type { PartialShardResult, SearchEntry, ShardTask } from '../../../../types/shards.js'

/** What a fragment is made from. */
export interface FragmentData {
  /** Sorted by url. */
  readonly entries: readonly SearchEntry[]
  readonly excerpt: number
}

/** The options of MiniSearch with which a fragment is built and loaded. */
export const SEARCH_INDEX = { idField: 'url', fields: ['title', 'text'], storeFields: ['title', 'excerpt'] }

type Load = () => Promise<{ readonly default: typeof MiniSearchClass }>

export default async function * indexFragments ({ pages }: ShardTask, _context: unknown, load?: Load, from?: string): AsyncGenerator<PartialShardResult> {
  const MiniSearch = await loadMiniSearch(load, from)
  for (const { data, outputs } of pages) {
    const { entries, excerpt } = data as FragmentData
    const index = new MiniSearch(SEARCH_INDEX)
    index.addAll(entries.map(({ url, title, text = '' }) => ({ url, title, text, ...excerpt > 0 && { excerpt: shorten(text, excerpt) } })))
    yield { files: { [(outputs as readonly string[])[0] as string]: JSON.stringify(index) } }
  }
}

/** @throws FST_LIVE_RELOAD_NO_PACKAGE */
async function loadMiniSearch (load: Load = () => import('minisearch'), from?: string): Promise<typeof MiniSearchClass> {
  try {
    checkPeer('minisearch', from)
    return (await load()).default
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new errors.FST_LIVE_RELOAD_NO_PACKAGE('searchPages()', `minisearch ${PEERS.minisearch} (${code ?? message})`, installable('minisearch'))
  }
}

/** At most so many characters, up to the end of a word. */
function shorten (text: string, max: number): string {
  const line = text.replace(/\s+/g, ' ').trim()
  if (line.length <= max) return line
  const end = line.lastIndexOf(' ', max)
  // Not within a character of two units.
  return `${line.slice(0, end > max / 2 ? end : max).replace(/[\ud800-\udbff]$/, '')}…`
}
