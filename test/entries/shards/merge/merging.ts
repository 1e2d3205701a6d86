// Runs a merge as a build does: results sorted by shard, an empty directory to write to.
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import type { Test } from 'tap'
import type { BuildContext } from '../../../../types/build.js'
import type { Merge, ShardResult } from '../../../../types/shards.js'
import { folder } from '../../../support/folder.js'

export type Result = ShardResult & { readonly shardId: string }

export const result = (shardId: string, some: Partial<ShardResult> = {}): Result =>
  ({ shardId, renderedPages: [], sitemapEntries: [], searchEntries: [], tagManifest: {}, feedEntries: [], links: [], errors: [], ...some })

export const request = (outDir: string) => ({ id: '1', reason: 'start' as const, cwd: outDir, changed: [], incremental: false, outDir })

export const context = (signal = new AbortController().signal): BuildContext => ({ signal, log () {}, progress () {} })

/** What it wrote, by path, and what it said. */
export async function merged (t: Test, merge: Merge, results: readonly Result[]) {
  const out = folder(t)
  const given = await merge(results, request(out.path), context())
  const paths = readdirSync(out.path, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name))
  return {
    files: Object.fromEntries(paths.sort().map(path => [relative(out.path, path).split(sep).join('/'), readFileSync(path, 'utf8')])),
    warnings: (given?.diagnostics ?? []).map(({ severity, message }) => `${severity}: ${message}`)
  }
}
