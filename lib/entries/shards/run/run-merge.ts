// Runs the app's merge in a directory of its own, and packs what it wrote there.
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BuildContext, BuildRequest, BuildResult } from '../../../../types/build.js'
import type { Merge, ShardFile } from '../../../../types/shards.js'
import { toResult } from '../../../builds/diagnostics/result.js'
import { untilAborted } from '../../../builds/scheduler/deadline.js'
import { packDirectory } from './packer.js'

type Place = (files: readonly ShardFile[], contents: () => Promise<Uint8Array>) => Promise<void>

/** `place` gets the files while they are there. A result that does not fit is a failure: afterwards, when the site is published, it would be too late. */
export async function runMerge (merge: Merge, results: Parameters<Merge>[0], request: BuildRequest, context: BuildContext, place: Place): Promise<Partial<BuildResult>> {
  const dir = await mkdtemp(join(tmpdir(), 'live-reload-merge-'))
  const [outDir, packed] = [join(dir, 'out'), join(dir, 'files')]
  try {
    await mkdir(outDir)
    const start = performance.now()
    const merged: unknown = await untilAborted((async () => merge(results, { ...request, outDir }, context))(), context.signal)
    await place(await packDirectory(outDir, packed), () => readFile(packed))
    return toResult(merged, { ms: performance.now() - start, request, giver: 'the merge' })
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}
