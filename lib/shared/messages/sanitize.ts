// Prepares failures for pages: paths relative to the project, no control sequences, no stacks, and no more than a page can use.
import { homedir } from 'node:os'
import { relative, sep } from 'node:path'
import type { Diagnostic } from '../../../types/build.js'
import type { BuildStatus, ServerMessage } from '../../../types/message.js'
import type { LiveReloadStatus } from '../../../types/status.js'
import { shortenText } from '../paths.js'
import { clean } from '../text.js'

// With these a `hello` stays below what a hub buffers for a tab, however long a compiler's output is.
const MAX_DIAGNOSTICS = 50
const MAX_BYTES = 256 * 1024
const MAX_MESSAGE_LENGTH = 10_000
const MAX_FRAME_LENGTH = 4096
const MAX_PATH_LENGTH = 4096

/** Returns the message with its diagnostics sanitized. Other messages are returned as they are. */
export function sanitizeMessage<M extends ServerMessage> (message: M, cwd: string, home?: string): M {
  if (message.type === 'build' && message.diagnostics !== undefined) return { ...message, ...withDiagnostics(message, cwd, home) }
  if (message.type === 'hello' && message.build.diagnostics !== undefined) return { ...message, build: withDiagnostics(message.build, cwd, home) }
  return message
}

/** The same for `/health` and the status page. */
export function sanitizeStatus<S extends LiveReloadStatus> (status: S, cwd: string, home?: string): S {
  const { reason, watch, builds } = status
  return {
    ...status,
    ...(reason !== undefined && { reason: shorten(reason, cwd, home) }),
    watch: { ...watch, ...(watch.reason !== undefined && { reason: shorten(watch.reason, cwd, home) }), roots: watch.roots.map(root => relative(cwd, root) || '.') },
    builds: Object.fromEntries(Object.entries(builds).map(([name, build]) => [name, withDiagnostics(build, cwd, home)]))
  }
}

function withDiagnostics<T extends Pick<BuildStatus, 'diagnostics'>> (build: T, cwd: string, home = homedir()): T {
  if (build.diagnostics === undefined) return build
  let left = MAX_BYTES
  const fits = (diagnostic: Diagnostic): boolean => (left -= Buffer.byteLength(JSON.stringify(diagnostic))) >= 0
  return { ...build, diagnostics: mostImportant(build.diagnostics).map(sanitize).filter(fits) }

  function sanitize ({ stack, file, frame, ...rest }: Diagnostic): Diagnostic {
    return {
      ...rest,
      message: clean(shorten(rest.message, cwd, home), MAX_MESSAGE_LENGTH),
      ...(file !== undefined && { file: clean(file.startsWith(cwd + sep) ? relative(cwd, file) : file, MAX_PATH_LENGTH).replaceAll('\n', '\u240a') }),
      ...(frame !== undefined && { frame: clean(frame, MAX_FRAME_LENGTH) })
    }
  }
}

/** Errors before warnings when there are too many. */
function mostImportant (diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  if (diagnostics.length <= MAX_DIAGNOSTICS) return diagnostics
  const rank = ({ severity }: Diagnostic): number => severity === 'error' ? 0 : 1
  return [...diagnostics].sort((a, b) => rank(a) - rank(b)).slice(0, MAX_DIAGNOSTICS)
}

function shorten (text: string, cwd: string, home = homedir()): string {
  const inside = shortenText(cwd, text)
  return home.length > 1 ? inside.replaceAll(home + sep, `~${sep}`) : inside
}
