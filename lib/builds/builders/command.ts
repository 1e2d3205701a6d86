// A program as a Builder: started without a shell, stopped with everything it started, its output read for diagnostics.
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { integer } from '../../options/check.js'
import type { BuildContext, BuildRequest, BuildResult, Builder, Diagnostic } from '../../../types/build.js'
import { createDeadline } from '../scheduler/deadline.js'
import { clip } from '../diagnostics/describe.js'
import { finish, parseOutput } from '../diagnostics/diagnose.js'
import { dismiss } from '../processes/guarded.js'
import { runProgram, type RunOutcome } from '../processes/run.js'
import { toArgv } from '../processes/tokenise.js'

export interface CommandOptions {
  /** @default the program and its first argument */
  name?: string
  /** Relative to the app's working directory. @default the app's working directory */
  cwd?: string
  /** Added to the app's environment. */
  env?: Readonly<Record<string, string | undefined>>
  /** Milliseconds; the whole process tree is stopped then. @default no limit of its own */
  timeout?: number
}

/** Between SIGTERM and SIGKILL: patient at the time limit, quick when a newer build waits. */
const GRACE_TIMEOUT = 2_000
const GRACE_ABORT = 120
/** More does not fit into one environment variable of Linux (128 KiB). */
const MAX_ENV = 100 * 1024
const TAIL_LINES = 12

/**
 * Changed paths reach the program as a JSON array in `LIVE_RELOAD_CHANGED`, or in the file `LIVE_RELOAD_CHANGED_FILE` when there are many.
 * `{outDir}` in an argument is the directory to write to (see `staged()`).
 * @throws FST_LIVE_RELOAD_INVALID_COMMAND, FST_LIVE_RELOAD_INVALID_OPTION
 */
export function command (given: string | readonly string[], options: CommandOptions = {}): Builder {
  const argv = toArgv(given)
  const shown = clip(typeof given === 'string' ? given : argv.join(' '), 200)
  const timeout = options.timeout === undefined ? undefined : integer('command.timeout', options.timeout, 0, 1, 2 ** 31 - 1)
  return {
    name: options.name ?? argv.slice(0, 2).join(' '),
    build: (request, context) => build(argv, shown, { ...options, ...(timeout !== undefined && { timeout }) }, request, context),
    async close () { dismiss() }
  }
}

async function build (argv: readonly string[], shown: string, options: CommandOptions, request: BuildRequest, context: BuildContext): Promise<BuildResult> {
  context.signal.throwIfAborted()
  const start = performance.now()
  const cwd = resolve(request.cwd, options.cwd ?? '.')
  const deadline = createDeadline(context.signal, options.timeout)
  const changed = await describeChanges(request)
  try {
    const outcome = await runProgram(argv.map(word => word.replaceAll('{outDir}', request.outDir ?? '{outDir}')), {
      cwd,
      env: {
        ...options.env,
        LIVE_RELOAD_BUILD_ID: request.id,
        LIVE_RELOAD_REASON: request.reason,
        LIVE_RELOAD_OUT_DIR: request.outDir,
        ...changed.env
      },
      signal: deadline.signal,
      grace: () => deadline.timedOut ? GRACE_TIMEOUT : GRACE_ABORT
    })
    context.signal.throwIfAborted()
    const ms = performance.now() - start
    const reason = deadline.timedOut ? `did not end within ${options.timeout} ms and was stopped` : outcome.reason
    const diagnostics = await finish(explain(shown, outcome, reason), cwd)
    return { ok: outcome.ok && !deadline.timedOut, ms, diagnostics, ...(outcome.output !== '' && { output: outcome.output }) }
  } finally {
    deadline.clear()
    await changed.remove()
  }
}

/** What the program printed about places comes first: it says why. */
function explain (shown: string, outcome: RunOutcome, reason: string | undefined): Diagnostic[] {
  const printed = parseOutput(outcome.output)
  if (reason === undefined) return printed.filter(one => one.severity === 'warning')
  const message = `\`${shown}\` ${reason}`
  if (printed.some(one => one.severity === 'error')) return [...printed, { severity: 'error', message }]
  const tail = outcome.output.trimEnd().split('\n').slice(-TAIL_LINES).map(line => line.slice(-200)).join('\n')
  return [{ severity: 'error', message: tail === '' ? message : `${message}\n${tail}` }, ...printed]
}

interface Changes { readonly env: Record<string, string>, remove (): Promise<void> }

// Never in the command line: a file name is the attacker's or the editor's choice.
async function describeChanges (request: BuildRequest): Promise<Changes> {
  const json = JSON.stringify(request.changed)
  if (json.length < MAX_ENV / 4 || Buffer.byteLength(json) < MAX_ENV) return { env: { LIVE_RELOAD_CHANGED: json }, async remove () {} }
  const dir = await mkdtemp(join(tmpdir(), 'live-reload-'))
  const file = join(dir, `${randomUUID()}.json`)
  await writeFile(file, json, { mode: 0o600 })
  return { env: { LIVE_RELOAD_CHANGED_FILE: file }, remove: () => rm(dir, { recursive: true, force: true }) }
}
