// What pages may know of a failure: paths as a person in the project would write them, nothing of the machine around it.
import { homedir } from 'node:os'
import { relative, sep } from 'node:path'
import type { Diagnostic } from '../../types/build.js'
import type { ServerMessage } from '../../types/message.js'

/** The same message, with the paths in its diagnostics made relative to `cwd`, and without stacks. */
export function outward<M extends ServerMessage> (message: M, cwd: string, home = homedir()): M {
  if (message.type === 'build' && message.diagnostics !== undefined) return { ...message, diagnostics: message.diagnostics.map(strip) }
  if (message.type === 'hello' && message.build.diagnostics !== undefined) {
    return { ...message, build: { ...message.build, diagnostics: message.build.diagnostics.map(strip) } }
  }
  return message

  function strip ({ stack, file, ...rest }: Diagnostic): Diagnostic {
    return { ...rest, message: shorten(rest.message), ...(file !== undefined && { file: relativePath(file) }) }
  }
  function relativePath (file: string): string {
    return file.startsWith(cwd + sep) ? relative(cwd, file) : file
  }
  function shorten (text: string): string {
    const inside = text.replaceAll(cwd + sep, '')
    return home.length > 1 ? inside.replaceAll(home + sep, `~${sep}`) : inside
  }
}
