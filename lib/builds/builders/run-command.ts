// One run of a command.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { BuildContext, BuildRequest, BuildResult, Diagnostic } from '../../../types/build.js'
import { clip, stripTerminal } from '../../shared/text.js'
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
const [TAIL_LINES, CAUSE_LINES] = [12, 6]
const MAX_LINE_CHARACTERS = 200
const FOREIGN_FRAME = /^\s+at .*(?:node_modules|node:)/
const CAUSE = /\b(?:error|fail(?:ed|ure)|cannot|can't|could not|unable|unexpected|invalid|missing|not found|no such|denied)\b|\(!\)|✘|✖|✗/i

export async function runCommand (command: Command, request: BuildRequest, { signal }: BuildContext): Promise<BuildResult> {
  signal.throwIfAborted()
  const start = performance.now()
  const cwd = resolve(request.cwd, command.cwd)
  const deadline = createDeadline(signal, command.timeout)
  const changes = await passChanges(request)
  try {
    const outcome = await runProgram(command.argv.map(word => word.replaceAll('{outDir}', request.outDir ?? '{outDir}')), {
      cwd,
      env: { ...command.env, LIVE_RELOAD_BUILD_ID: request.id, LIVE_RELOAD_REASON: request.reason, LIVE_RELOAD_PROFILE: request.profile, LIVE_RELOAD_OUT_DIR: request.outDir, ...changes.env },
      signal: deadline.signal,
      killDelay: () => deadline.timedOut ? KILL_DELAY_TIMEOUT_MS : KILL_DELAY_ABORT_MS
    })
    signal.throwIfAborted()
    const ms = performance.now() - start
    const reason = deadline.timedOut ? `did not end within ${command.timeout} ms and was stopped` : outcome.reason
    const diagnostics = await finish(explain(command, outcome.output, reason, cwd), cwd)
    return { ok: reason === undefined, ms, diagnostics, ...(outcome.output !== '' && { output: outcome.output }) }
  } finally {
    deadline.clear()
    await changes.remove()
  }
}

/** Printed errors say why the program failed. That it ended with a code says nothing more. */
function explain ({ shown }: Command, output: string, reason: string | undefined, cwd: string): Diagnostic[] {
  const printed = parseOutput(output, cwd)
  if (reason === undefined) return printed.filter(one => one.severity === 'warning')
  const message = `\`${clip(shown, 200)}\` ${reason}`
  if (!printed.some(one => one.severity === 'error')) return [{ severity: 'error', message: [message, ...lastLines(output)].join('\n') }, ...printed]
  return /^exited with code \d+$/.test(reason) ? printed : [{ severity: 'error', message }, ...printed]
}

/** The end of the output, without frames of installed packages, and from further above the first lines that look like a cause. */
function lastLines (output: string): string[] {
  const lines = stripTerminal(output).split('\n').map(line => line.trimEnd().slice(0, MAX_LINE_CHARACTERS)).filter(line => line !== '' && !FOREIGN_FRAME.test(line))
  const first = lines.slice(0, -TAIL_LINES).findIndex(line => CAUSE.test(line))
  return first < 0 ? lines.slice(-TAIL_LINES) : [...lines.slice(first, first + CAUSE_LINES), '…', ...lines.slice(Math.max(first + CAUSE_LINES, lines.length - TAIL_LINES + CAUSE_LINES))]
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
