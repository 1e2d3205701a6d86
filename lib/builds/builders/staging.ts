// Builds into a directory beside the served one, and moves what changed over only after a success.
import { mkdir } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { pathOf } from '../../options/check.js'
import type { BuildContext, BuildFunction, BuildRequest, BuildResult, Builder, Diagnostic } from '../../../types/build.js'
import { asBuilder } from './in-process.js'
import { contains } from '../diagnostics/frame.js'
import { cleanStaging, publish } from './publish.js'

export interface StagedOptions {
  /** The directory that is served. */
  dir: string | URL
}

/** Staging directories of this process. */
const inUse = new Set<string>()
let made = 0

/**
 * The builder writes to `request.outDir` (a command: `{outDir}` in an argument, or `LIVE_RELOAD_OUT_DIR`).
 *
 * Guaranteed: a reader gets each file entirely old or entirely new, and a path that is in both is never missing; assets change before the
 * documents that name them, and what is gone is deleted last; a failed build, also on a full disk, leaves everything as it was.
 * Not guaranteed: that two requests during a swap see the same build. Only names with a hash in them give that.
 */
export function staged (given: Builder | BuildFunction, options: StagedOptions): Builder {
  const builder = asBuilder(given, 'staged')
  const dir = resolve(pathOf('staged.dir', options.dir))
  // Beside the target: a rename works only within one file system. Two servers do not share it, nor do two builders.
  const staging = join(dirname(dir), `.${basename(dir)}.live-reload-${process.pid}-${++made}`)
  let published: ReadonlySet<string> = new Set()
  let cleaned: Promise<string[]> | undefined

  async function build (request: BuildRequest, context: BuildContext): Promise<BuildResult> {
    const start = performance.now()
    const fail = (message: string, built?: BuildResult): BuildResult =>
      ({ ...built, ok: false, ms: performance.now() - start, diagnostics: [...built?.diagnostics ?? [], { severity: 'error', message }] })
    try {
      inUse.add(staging)
      const others = await (cleaned ??= cleanStaging(dir, inUse))
      others.splice(0).forEach(other => context.log(`another server builds into ${dir} as well (${other}): they overwrite each other`))
      await mkdir(dirname(dir), { recursive: true })
      // Not `recursive`: on a read-only file system that says ENOENT.
      await mkdir(staging).catch((error: NodeJS.ErrnoException) => { if (error.code !== 'EEXIST') throw error })
    } catch (error) {
      cleaned = undefined
      return fail(explain(error, dir))
    }
    const result = await builder.build({ ...request, outDir: staging }, context)
    context.signal.throwIfAborted()
    const diagnostics = result.diagnostics.map(one => inTarget(one, staging, dir))
    if (!result.ok) return { ...result, diagnostics }
    const outside = result.outputs?.find(path => !contains(staging, path))
    if (outside !== undefined) return fail(`the build wrote ${outside}, which is not in its output directory ${staging}`, result)
    try {
      const { files, changed } = await publish(staging, dir, published)
      published = files
      return { ...result, diagnostics, ms: performance.now() - start, outputs: changed }
    } catch (error) {
      return fail(explain(error, dir), result)
    }
  }

  return {
    name: builder.name,
    build,
    warm: () => builder.warm?.(),
    async close () {
      try {
        await builder.close?.()
      } finally {
        inUse.delete(staging)
        await cleanStaging(dir, inUse)
      }
    }
  }
}

function inTarget (diagnostic: Diagnostic, staging: string, dir: string): Diagnostic {
  if (diagnostic.file === undefined || !contains(staging, diagnostic.file)) return diagnostic
  return { ...diagnostic, file: join(dir, relative(staging, diagnostic.file)) }
}

function explain (error: unknown, dir: string): string {
  const { code, message } = error as NodeJS.ErrnoException
  const why: Record<string, string> = {
    ENOSPC: 'the disk is full',
    EDQUOT: 'the disk quota is used up',
    EROFS: 'the file system is read-only',
    EACCES: 'there is no permission to write',
    EPERM: 'there is no permission to write',
    ENOTDIR: 'a part of the path is a file',
    EEXIST: 'a part of the path is a file'
  }
  return `the output can not be moved to ${dir}, which stays as it was: ${why[code as string] ?? message} (${code})`
}
