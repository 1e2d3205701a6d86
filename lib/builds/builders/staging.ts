// Builds into a directory beside the served one, and moves what changed over only after a success.
import { resolve } from 'node:path'
import type { BuildFunction, Builder } from '../../../types/build.js'
import { known, pathOf } from '../../options/check.js'
import { asBuilder } from './in-process.js'
import type { Stage } from './stage.js'

export interface StagedOptions {
  /** The directory that is served. */
  dir: string | URL
}

/**
 * The builder writes to `request.outDir` (a command: `{outDir}` in an argument, or `LIVE_RELOAD_OUT_DIR`).
 *
 * Guaranteed: a reader gets each file entirely old or entirely new, and a path that both builds have is never missing; assets change before the
 * documents that name them, and files that are gone are deleted last; a failed build, also on a full disk, leaves everything as it was.
 * Not guaranteed: that two requests during a swap see the same build. Only names with a hash in them give that.
 */
export function staged (given: Builder | BuildFunction, options: StagedOptions): Builder {
  const builder = asBuilder(given, 'staged')
  known('staged.', options, ['dir'])
  const dir = resolve(pathOf('staged.dir', options.dir))
  let opened: Promise<Stage> | undefined
  const open = () => (opened ??= import('./stage.js').then(({ Stage }) => new Stage(dir)))
  return {
    name: builder.name,
    build: async (request, context) => (await open()).build(builder, request, context),
    warm: () => builder.warm?.(),
    async close () {
      try {
        await builder.close?.()
      } finally {
        await (await open()).close()
      }
    }
  }
}
