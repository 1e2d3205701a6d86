// What pages may know of a failure: paths as a person in the project would write them, nothing of the machine around it, nothing that speaks to a terminal.
import { homedir } from 'node:os'
import { relative, sep } from 'node:path'
import type { Diagnostic } from '../../types/build.js'
import type { BuildStatus, ServerMessage } from '../../types/message.js'
import type { LiveReloadStatus } from '../../types/status.js'
import { clean } from '../shared/text.js'

/** Characters a page gets of one text, and of a path: no file system knows a longer one. */
const MOST = 20_000
const LONGEST_PATH = 4096

/** The same message, with the paths in its diagnostics made relative to `cwd`, all their texts cleaned, and without stacks. */
export function outward<M extends ServerMessage> (message: M, cwd: string, home = homedir()): M {
  if (message.type === 'build' && message.diagnostics !== undefined) return { ...message, ...withDiagnostics(message, cwd, home) }
  if (message.type === 'hello' && message.build.diagnostics !== undefined) return { ...message, build: withDiagnostics(message.build, cwd, home) }
  return message
}

/** The same for what `/health` and the status page tell. */
export function outwardStatus<S extends LiveReloadStatus> (status: S, cwd: string, home = homedir()): S {
  const { reason, watch, builds } = status
  return {
    ...status,
    ...(reason !== undefined && { reason: shorten(reason, cwd, home) }),
    watch: { ...watch, ...(watch.reason !== undefined && { reason: shorten(watch.reason, cwd, home) }), roots: watch.roots.map(root => relative(cwd, root) || '.') },
    builds: Object.fromEntries(Object.entries(builds).map(([name, build]) => [name, withDiagnostics(build, cwd, home)]))
  }
}

function withDiagnostics<T extends Pick<BuildStatus, 'diagnostics'>> (told: T, cwd: string, home: string): T {
  if (told.diagnostics === undefined) return told
  return { ...told, diagnostics: told.diagnostics.map(strip) }

  function strip ({ stack, file, frame, shard, ...rest }: Diagnostic): Diagnostic {
    return {
      ...rest,
      message: clean(shorten(rest.message, cwd, home), MOST),
      ...(file !== undefined && { file: clean(file.startsWith(cwd + sep) ? relative(cwd, file) : file, LONGEST_PATH).replaceAll('\n', '\u240a') }),
      ...(frame !== undefined && { frame: clean(frame, MOST) }),
      ...(shard !== undefined && { shard: clean(shard, MOST) })
    }
  }
}

function shorten (text: string, cwd: string, home: string): string {
  const inside = text.replaceAll(cwd + sep, '')
  return home.length > 1 ? inside.replaceAll(home + sep, `~${sep}`) : inside
}
