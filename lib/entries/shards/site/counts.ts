// How many pages and files a site has, by kind and by format.
import { extname } from 'node:path'
import type { BuildCounts } from '../../../../types/build.js'
import type { Page, ShardFile } from '../../../../types/shards.js'

export function countSite (pages: readonly Page[], files: readonly ShardFile[]): BuildCounts {
  return {
    sources: new Set(pages.flatMap(({ file }) => file ?? [])).size,
    pages: pages.length,
    byKind: tally(pages.map(({ kind = 'content' }) => kind)),
    byFormat: tally(files.map(({ path }) => extname(path).slice(1).toLowerCase() || 'other')),
    files: files.length
  }
}

function tally (names: readonly string[]): Record<string, number> {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return Object.fromEntries([...counts].sort(([a], [b]) => a < b ? -1 : 1))
}
