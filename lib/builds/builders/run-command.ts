// One run of a command.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { BuildContext, BuildRequest, BuildResult, Diagnostic } from '../../../types/build.js'
import { clip } from '../../shared/text.js'
import { parseOutput } from '../diagnostics/parse-output.js'
import { finish } from '../diagnostics/report.js'
import { runProgram } from '../processes/run.js'
import { createDeadline } from '../scheduler/deadline.js'

export interface Command {
  readonly argv: readonly string[]
  /** The command in diagnostics. */
  readonly shown: string
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly timeout: number | undefined
}

/** Between SIGTERM and SIGKILL: long at the time limit, short when a newer build waits. */
const KILL_DELAY_TIMEOUT_MS = 2_000
const KILL_DELAY_ABORT_MS = 120
/** Linux takes no more in one environment variable (128 KiB). */
const MAX_VARIABLE_BYTES = 100 * 1024
const TAIL_LINES = 12

export async function runCommand (command: Command, request: BuildRequest, { signal }: BuildContext): Promise<BuildResult> {
  signal.throwIfAborted()
  const start = performance.now()
  const cwd = resolve(request.cwd, command.cwd)
  const deadline = createDeadline(signal, command.timeout)
  const changes = await passChanges(request)
  try {
    const outcome = await runProgram(command.argv.map(word => word.replaceAll('{outDir}', request.outDir ?? '{outDir}')), {
      cwd,
      env: { ...command.env, LIVE_RELOAD_BUILD_ID: request.id, LIVE_RELOAD_REASON: request.reason, LIVE_RELOAD_OUT_DIR: request.outDir, ...changes.env },
      signal: deadline.signal,
      killDelay: () => deadline.timedOut ? KILL_DELAY_TIMEOUT_MS : KILL_DELAY_ABORT_MS
    })
    signal.throwIfAborted()
    const ms = performance.now() - start
    const reason = deadline.timedOut ? `did not end within ${command.timeout} ms and was stopped` : outcome.reason
    const diagnostics = await finish(explain(command.shown, outcome.output, reason), cwd)
    return { ok: reason === undefined, ms, diagnostics, ...(outcome.output !== '' && { output: outcome.output }) }
  } finally {
    deadline.clear()
    await changes.remove()
  }
}

/** Printed errors come first, because they say why the program failed. */
function explain (shown: string, output: string, reason: string | undefined): Diagnostic[] {
  const printed = parseOutput(output)
  if (reason === undefined) return printed.filter(one => one.severity === 'warning')
  const message = `\`${clip(shown, 200)}\` ${reason}`
  if (printed.some(one => one.severity === 'error')) return [...printed, { severity: 'error', message }]
  const tail = output.trimEnd().split('\n').slice(-TAIL_LINES).map(line => line.slice(-200)).join('\n')
  return [{ severity: 'error', message: tail === '' ? message : `${message}\n${tail}` }, ...printed]
}

// Never in the command line: an attacker or an editor may choose file names.
async function passChanges ({ changed }: BuildRequest): Promise<{ env: Record<string, string>, remove (): Promise<void> }> {
  const json = JSON.stringify(changed)
  if (Buffer.byteLength(json) < MAX_VARIABLE_BYTES) return { env: { LIVE_RELOAD_CHANGED: json }, async remove () {} }
  const dir = await mkdtemp(join(tmpdir(), 'live-reload-'))
  const file = join(dir, 'changed.json')
  await writeFile(file, json, { mode: 0o600 })
  return { env: { LIVE_RELOAD_CHANGED_FILE: file }, remove: () => rm(dir, { recursive: true, force: true }) }
}
