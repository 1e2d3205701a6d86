// Entry `/esbuild`: esbuild's incremental context as a Builder.
import { resolve } from 'node:path'
import type * as Esbuild from 'esbuild'
import type { BuildContext as Context, BuildOptions, Message, Metafile } from 'esbuild'
import type { BuildContext, BuildRequest, BuildResult, Builder, Diagnostic } from '../../../types/build.js'
import { atMost, untilAborted } from '../scheduler/deadline.js'
import { causesOf, describe } from '../diagnostics/describe.js'
import { finish } from '../diagnostics/report.js'
import { cutFrame } from '../../shared/sources/source-text.js'
import { endWith } from './esbuild-plugins.js'
import { writeOutputs, type OutputFile, type Written } from './write-outputs.js'

export interface EsbuildExtras {
  /** Names the builder. @default 'esbuild' */
  name?: string
}

interface Failure { readonly errors: readonly Message[], readonly warnings: readonly Message[] }
interface Outcome { readonly ok: boolean, readonly diagnostics: readonly Diagnostic[], readonly outputs?: string[], readonly outputKept?: true }
type Load = () => Promise<Pick<typeof Esbuild, 'context' | 'stop'>>

/** The next build waits this long for a rebuild that ignores its cancelling (a plugin hangs), and then takes a new context. */
const CANCEL_TIMEOUT_MS = 2_000

/** Takes all options of esbuild; `metafile` is on, its own printing is off, a failed build leaves what was written before. Wrong options become diagnostics. */
export function esbuild (options: BuildOptions, { name = 'esbuild' }: EsbuildExtras = {}, load: Load = () => import('esbuild')): Builder {
  return new EsbuildBuilder(name, options, load)
}

class EsbuildBuilder implements Builder {
  readonly name: string
  readonly #options: BuildOptions
  readonly #load: Load
  #context: Promise<Context> | undefined
  /** Aborts when the context is given up. */
  #end = new AbortController()
  #outDir: string | undefined
  #written = new Map<string, Written>()
  #last: Promise<unknown> = Promise.resolve()

  constructor (name: string, options: BuildOptions, load: Load) {
    this.name = name
    this.#options = options
    this.#load = load
  }

  async build (request: BuildRequest, context: BuildContext): Promise<BuildResult> {
    // A rebuild asked for while one runs would get the result of that one.
    const previous = this.#last
    const settled = (async () => {
      let isOver = false
      await atMost(previous.then(() => { isOver = true }), CANCEL_TIMEOUT_MS)
      if (!isOver) this.#dispose()
      return this.#build(request, context.signal)
    })()
    this.#last = settled.catch(() => {})
    return untilAborted(settled, context.signal)
  }

  async close (): Promise<void> {
    await atMost(this.#dispose(), CANCEL_TIMEOUT_MS)
  }

  async #build (request: BuildRequest, signal: AbortSignal, isRetry = false): Promise<BuildResult> {
    signal.throwIfAborted()
    const start = performance.now()
    const done = async ({ diagnostics, ...outcome }: Outcome): Promise<BuildResult> =>
      ({ ...outcome, ms: performance.now() - start, diagnostics: await finish(diagnostics, request.cwd) })
    try {
      return await done(await this.#rebuild(request, signal))
    } catch (error) {
      signal.throwIfAborted()
      if (isServiceGone(error) && !isRetry) {
        this.#dispose()
        return this.#build(request, signal, true)
      }
      const cwd = this.#options.absWorkingDir ?? request.cwd
      if (!isFailure(error)) return done({ ok: false, diagnostics: [explain(error)] })
      // It is written after a success only.
      return done({ ok: false, outputKept: true, diagnostics: [...toDiagnostics('error', error.errors, cwd), ...toDiagnostics('warning', error.warnings, cwd)] })
    }
  }

  async #rebuild (request: BuildRequest, signal: AbortSignal): Promise<Outcome> {
    const { absWorkingDir: cwd = request.cwd, allowOverwrite, write } = this.#options
    const context = await this.#open(request)
    const cancel = () => { context.cancel().catch(() => {}) }
    signal.addEventListener('abort', cancel, { once: true })
    try {
      const { metafile, warnings, outputFiles } = await context.rebuild()
      signal.throwIfAborted()
      const inputs = new Set(Object.keys((metafile as Metafile).inputs).map(path => resolve(cwd, path)))
      const outputs = Object.keys((metafile as Metafile).outputs).map(path => resolve(cwd, path))
      const both = allowOverwrite === true ? undefined : outputs.find(path => inputs.has(path))
      if (both !== undefined) return { ok: false, outputKept: true, diagnostics: [{ severity: 'error', message: `the output ${both} would overwrite an input; set another outdir, or allowOverwrite` }] }
      if (write !== false) this.#written = await writeOutputs(outputFiles as OutputFile[], this.#written)
      return { ok: true, diagnostics: toDiagnostics('warning', warnings, cwd), outputs }
    } finally {
      signal.removeEventListener('abort', cancel)
    }
  }

  async #open (request: BuildRequest): Promise<Context> {
    // A context keeps the directory it writes to.
    if (this.#context !== undefined && this.#outDir !== request.outDir) this.#dispose()
    this.#outDir = request.outDir
    this.#context ??= this.#create(request)
    try {
      return await this.#context
    } catch (error) {
      this.#context = undefined
      throw error
    }
  }

  async #create ({ cwd, outDir }: BuildRequest): Promise<Context> {
    const { signal } = this.#end = new AbortController()
    const { context, stop } = await this.#load()
    const { plugins } = this.#options
    const options: BuildOptions = {
      absWorkingDir: cwd,
      logLevel: 'silent',
      ...this.#options,
      ...(Array.isArray(plugins) && { plugins: endWith(signal, plugins) }),
      metafile: true,
      // Its own writing deletes the last good output when a rebuild fails.
      write: false,
      ...(outDir !== undefined && { outdir: outDir })
    }
    return context(options).catch(async error => {
      if (!isServiceGone(error)) throw error
      // esbuild starts another process only after `stop()` has ended the old one.
      await stop()
      return context(options)
    })
  }

  async #dispose (): Promise<void> {
    const context = this.#context
    this.#context = undefined
    // esbuild waits for a plugin that hangs, and the process for esbuild.
    this.#end.abort(new Error('the build was given up'))
    await context?.then(open => open.dispose()).catch(() => {})
  }
}

/** All contexts share one process, which somebody may have killed. */
function isServiceGone (error: unknown): boolean {
  return error instanceof Error && /service (?:is no longer running|was stopped)/.test(error.message)
}

function isFailure (error: unknown): error is Failure {
  return error instanceof Error && Array.isArray(Reflect.get(error, 'errors')) && Array.isArray(Reflect.get(error, 'warnings'))
}

function explain (error: unknown): Diagnostic {
  const missing = error instanceof Error && Reflect.get(error, 'code') === 'ERR_MODULE_NOT_FOUND' && error.message.includes("'esbuild'")
  return missing ? { severity: 'error', message: 'esbuild is not installed: npm install --save-dev esbuild' } : describe(error)
}

function toDiagnostics (severity: Diagnostic['severity'], messages: readonly Message[], cwd: string): Diagnostic[] {
  return messages.map(({ text, pluginName, location, notes, detail }) => {
    // `detail` is what a plugin threw.
    const message = [`${pluginName === '' ? '' : `[plugin ${pluginName}] `}${text}${causesOf(detail)}`, ...notes.map(note => note.text)].join('\n')
    if (location === null) return { severity, message }
    // esbuild counts columns in bytes from 0.
    const column = Buffer.from(location.lineText).subarray(0, location.column).toString().length + 1
    const local = location.namespace === '' || location.namespace === 'file'
    const place = { severity, message, file: local ? resolve(cwd, location.file) : location.file, line: location.line, column }
    // Only one line is known of a source that is not on disk.
    return local ? place : { ...place, frame: cutFrame(`${'\n'.repeat(location.line - 1)}${location.lineText}`, location.line, column) as string }
  })
}
