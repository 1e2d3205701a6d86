// Entry `/esbuild`: esbuild's incremental context as a Builder.
import { resolve } from 'node:path'
import type * as Esbuild from 'esbuild'
import type { BuildContext as Context, BuildOptions, Message, Metafile } from 'esbuild'
import type { BuildContext, BuildRequest, BuildResult, Builder, Diagnostic } from '../types/build.js'
import { atMost, untilAborted } from './builds/scheduler/deadline.js'
import { causesOf, describe } from './builds/diagnostics/describe.js'
import { finish } from './builds/diagnostics/diagnose.js'
import { cutFrame } from './builds/diagnostics/frame.js'
import { writeOutputs, type OutputFile } from './builds/builders/write-outputs.js'

export interface EsbuildExtras {
  /** Names the builder. @default 'esbuild' */
  name?: string
}

interface Failure { readonly errors: readonly Message[], readonly warnings: readonly Message[] }
type Load = () => Promise<Pick<typeof Esbuild, 'context' | 'stop'>>

/** A rebuild that does not heed its cancelling (a plugin hangs) is waited for so long; then a new context takes over. */
const PATIENCE = 2_000

/** Takes all options of esbuild; `metafile` is on, its own printing is off, a failed build leaves what was written before. Wrong options become diagnostics. */
export function esbuild (options: BuildOptions, { name = 'esbuild' }: EsbuildExtras = {}, load: Load = () => import('esbuild')): Builder {
  let context: Promise<Context> | undefined
  let outDir: string | undefined
  let written = new Map<string, string>()
  let last: Promise<unknown> = Promise.resolve()

  async function open (request: BuildRequest): Promise<Context> {
    // A context keeps the directory it writes to.
    if (context !== undefined && outDir !== request.outDir) dispose()
    outDir = request.outDir
    context ??= begin({
      absWorkingDir: request.cwd,
      logLevel: 'silent',
      ...options,
      metafile: true,
      // Its own writing deletes the last good output when a rebuild fails.
      write: false,
      ...(outDir !== undefined && { outdir: outDir })
    })
    try {
      return await context
    } catch (error) {
      context = undefined
      throw error
    }
  }

  async function begin (all: BuildOptions): Promise<Context> {
    const module = await load()
    return module.context(all).catch(async error => {
      if (!isGone(error)) throw error
      // It starts another process only when it is told that the old one is no more.
      await module.stop()
      return module.context(all)
    })
  }

  async function dispose (): Promise<void> {
    const old = context
    context = undefined
    await old?.then(open => open.dispose()).catch(() => {})
  }

  async function rebuild (request: BuildRequest, build: BuildContext, again = false): Promise<BuildResult> {
    const { signal } = build
    signal.throwIfAborted()
    const start = performance.now()
    const done = async (ok: boolean, diagnostics: readonly Diagnostic[], outputs?: string[]): Promise<BuildResult> =>
      ({ ok, ms: performance.now() - start, diagnostics: await finish(diagnostics, request.cwd), ...(outputs && { outputs }) })
    const cwd = options.absWorkingDir ?? request.cwd
    try {
      const current = await open(request)
      const cancel = () => { current.cancel().catch(() => {}) }
      signal.addEventListener('abort', cancel, { once: true })
      try {
        const { metafile, warnings, outputFiles } = await current.rebuild()
        signal.throwIfAborted()
        const inputs = new Set(Object.keys((metafile as Metafile).inputs).map(path => resolve(cwd, path)))
        const both = options.allowOverwrite === true ? undefined : outputsOf(metafile as Metafile, cwd).find(path => inputs.has(path))
        if (both !== undefined) return await done(false, [{ severity: 'error', message: `the output ${both} would overwrite an input; set another outdir, or allowOverwrite` }])
        if (options.write !== false) written = await writeOutputs(outputFiles as OutputFile[], written)
        return await done(true, toDiagnostics('warning', warnings, cwd), outputsOf(metafile as Metafile, cwd))
      } finally {
        signal.removeEventListener('abort', cancel)
      }
    } catch (error) {
      signal.throwIfAborted()
      if (isGone(error) && !again) {
        dispose()
        return rebuild(request, build, true)
      }
      return done(false, isFailure(error) ? [...toDiagnostics('error', error.errors, cwd), ...toDiagnostics('warning', error.warnings, cwd)] : [explain(error)])
    }
  }

  return {
    name,
    async build (request, context) {
      // A rebuild asked for while one runs would get the stale one's result.
      const previous = last
      const settled = (async () => {
        let over = false
        await atMost(previous.then(() => { over = true }), PATIENCE)
        if (!over) dispose()
        return rebuild(request, context)
      })()
      last = settled.catch(() => {})
      return untilAborted(settled, context.signal)
    },
    async close () {
      await atMost(dispose(), PATIENCE)
    }
  }
}

/** All contexts share one process, which may have been killed. */
function isGone (error: unknown): boolean {
  return error instanceof Error && /service (?:is no longer running|was stopped)/.test(error.message)
}

function isFailure (error: unknown): error is Failure {
  return error instanceof Error && Array.isArray(Reflect.get(error, 'errors')) && Array.isArray(Reflect.get(error, 'warnings'))
}

function explain (error: unknown): Diagnostic {
  const missing = error instanceof Error && Reflect.get(error, 'code') === 'ERR_MODULE_NOT_FOUND' && error.message.includes("'esbuild'")
  return missing ? { severity: 'error', message: 'esbuild is not installed: npm install --save-dev esbuild' } : describe(error)
}

function outputsOf (metafile: Metafile, cwd: string): string[] {
  return Object.keys(metafile.outputs).map(path => resolve(cwd, path))
}

function toDiagnostics (severity: Diagnostic['severity'], messages: readonly Message[], cwd: string): Diagnostic[] {
  return messages.map(({ text, pluginName, location, notes, detail }) => {
    // What a plugin threw is in `detail`.
    const message = [`${pluginName === '' ? '' : `[plugin ${pluginName}] `}${text}${causesOf(detail)}`, ...notes.map(note => note.text)].join('\n')
    if (location === null) return { severity, message }
    // esbuild counts columns in bytes from 0.
    const column = Buffer.from(location.lineText).subarray(0, location.column).toString().length + 1
    const local = location.namespace === '' || location.namespace === 'file'
    const place = { severity, message, file: local ? resolve(cwd, location.file) : location.file, line: location.line, column }
    // Of what is no file on disk only its one line is known.
    return local ? place : { ...place, frame: cutFrame(`${'\n'.repeat(location.line - 1)}${location.lineText}`, location.line, column) as string }
  })
}
