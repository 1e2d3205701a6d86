// What builders end with: a checked result, or a failure, with few enough diagnostics and with code frames.
import type { BuildResult, Diagnostic } from '../../../types/build.js'
import { clip } from '../../shared/text.js'
import { describe } from './describe.js'
import { withFrame } from './frame.js'
import { MAX_DIAGNOSTICS } from './parse-output.js'
import { toResult, type BuildRun } from './result.js'

const MAX_MESSAGE_CHARACTERS = 8_192

/** What a build function gave back, as a result. */
export async function reportValue (value: unknown, run: BuildRun): Promise<BuildResult> {
  const result = toResult(value, run)
  return { ...result, diagnostics: await finish(result.diagnostics, run.request.cwd) }
}

/** What a build function threw, as a result. */
export function reportError (error: unknown, run: BuildRun): Promise<BuildResult> {
  return reportValue({ diagnostics: [describe(error)] }, run)
}

/** The same diagnostics, few enough and short enough to be sent to every tab, with code frames. */
export async function finish (diagnostics: readonly Diagnostic[], cwd: string): Promise<Diagnostic[]> {
  const kept = diagnostics.slice(0, MAX_DIAGNOSTICS).map(one => ({ ...one, message: clip(one.message, MAX_MESSAGE_CHARACTERS) }))
  const framed = await Promise.all(kept.map(one => withFrame(one, cwd)))
  const more = diagnostics.length - kept.length
  if (more === 0) return framed
  return [...framed, { severity: diagnostics.some(one => one.severity === 'error') ? 'error' : 'warning', message: `and ${more} more` }]
}
