// The directory a staged builder writes to, and its way to the served one.
import { mkdir } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import type { BuildContext, BuildRequest, BuildResult, Builder, Diagnostic } from '../../../types/build.js'
import { isWithin } from '../../shared/paths.js'
import { publish, removeStages } from './publish.js'

/** Stages of this process. */
const inUse = new Set<string>()
let count = 0

export class Stage {
  readonly #dir: string
  /** Beside the target, because a rename works only within one file system. Each server and each builder has its own. */
  readonly #stage: string
  #published: ReadonlySet<string> = new Set()
  #isCleaned = false

  constructor (dir: string) {
    this.#dir = dir
    this.#stage = join(dirname(dir), `.${basename(dir)}.live-reload-${process.pid}-${++count}`)
  }

  async build (builder: Builder, request: BuildRequest, context: BuildContext): Promise<BuildResult> {
    const start = performance.now()
    let outputKept = true
    const fail = (message: string, built?: BuildResult): BuildResult =>
      ({ ...built, ok: false, outputKept, ms: performance.now() - start, diagnostics: [...built?.diagnostics ?? [], { severity: 'error', message }] })
    try {
      await this.#prepare(context)
    } catch (error) {
      return fail(explainWriting(error, this.#dir))
    }
    // Nothing is shown before it is in the served directory.
    const { publish: _, ...inner } = context
    const built = await builder.build({ ...request, outDir: this.#stage }, inner)
    context.signal.throwIfAborted()
    const result = { ...built, diagnostics: built.diagnostics.map(one => this.#inTarget(one)) }
    if (!result.ok) return { ...result, outputKept }
    const outside = result.outputs?.find(path => !isWithin(this.#stage, path))
    if (outside !== undefined) {
      // What it wrote there may be served.
      outputKept = false
      return fail(`the build wrote ${outside}, which is not in its output directory ${this.#stage}`, result)
    }
    try {
      const { files, changed } = await publish(this.#stage, this.#dir, this.#published, () => { outputKept = false })
      this.#published = files
      return { ...result, ms: performance.now() - start, outputs: changed }
    } catch (error) {
      return fail(explainWriting(error, this.#dir, outputKept), result)
    }
  }

  async close (): Promise<void> {
    inUse.delete(this.#stage)
    await removeStages(this.#dir, inUse)
  }

  async #prepare (context: BuildContext): Promise<void> {
    inUse.add(this.#stage)
    if (!this.#isCleaned) {
      for (const pid of await removeStages(this.#dir, inUse)) context.log(`another server builds into ${this.#dir} as well (pid ${pid}): they overwrite each other`)
    }
    await mkdir(dirname(this.#dir), { recursive: true })
    // Not `recursive`: on a read-only file system that says ENOENT.
    await mkdir(this.#stage).catch((error: NodeJS.ErrnoException) => { if (error.code !== 'EEXIST') throw error })
    this.#isCleaned = true
  }

  #inTarget (diagnostic: Diagnostic): Diagnostic {
    if (diagnostic.file === undefined || !isWithin(this.#stage, diagnostic.file)) return diagnostic
    return { ...diagnostic, file: join(this.#dir, relative(this.#stage, diagnostic.file)) }
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the file system is read-only',
  EACCES: 'there is no permission to write',
  EPERM: 'there is no permission to write',
  ENOTDIR: 'a part of the path is a file',
  EEXIST: 'a part of the path is a file'
}

/** Why the output did not get to its directory, in words. */
export function explainWriting (error: unknown, dir: string, isUntouched = true): string {
  const { code, message } = error as NodeJS.ErrnoException
  return `the output cannot be moved to ${dir}, ${isUntouched ? 'which stays as it was' : 'where some files may be new already'}: ${REASONS[code as string] ?? message} (${code})`
}
