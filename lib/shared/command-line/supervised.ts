// Whether another program watches the files of the server too, and restarts it: nodemon, `tsx watch`, `node --watch`, `fastify start -w`.
import type { ServerMessage } from '../../../types/message.js'

/** npm tells which script it runs. */
const SCRIPT = /\bnodemon\b|\bwatch\b|-dev\b|\s-w\b/
/** The process that `fastify start -w` starts. */
const FASTIFY_CLI = /[\\/]fastify-cli[\\/]lib[\\/]watch[\\/]/
const IGNORE_OPTION = /^--(?:ignore-watch|ignoreWatch)\b/

/** What such a program restarts the server for: files that the app itself reads, or those of roots as well. */
export type RestartScope = 'nothing' | 'sources' | 'everything'

export type Process = Pick<NodeJS.Process, 'argv' | 'execArgv' | 'env'> & { readonly send?: unknown }

/** A guess. nodemon and fastify-cli open a channel to the process, Node.js sets a variable, tsx preloads itself. */
export function restartScope ({ send, argv, execArgv, env }: Process = process): RestartScope {
  if (FASTIFY_CLI.test(argv[1] ?? '')) return argv.some(argument => IGNORE_OPTION.test(argument)) || env.FASTIFY_IGNORE_WATCH !== undefined ? 'sources' : 'everything'
  const isSupervised = send !== undefined || env.WATCH_REPORT_DEPENDENCIES !== undefined || execArgv.some(argument => /[\\/]tsx[\\/]/.test(argument)) || SCRIPT.test(env.npm_lifecycle_script ?? '')
  return isSupervised ? 'sources' : 'nothing'
}

/** Of this process, which does not change: every message asks. */
const OWN_SCOPE = restartScope()

export const isSupervised = (one?: Process): boolean => restartScope(one) !== 'nothing'

/** Tells pages of a change for which the server may be restarted. A reload that nobody's file has caused has no paths. */
export function markRestart (message: ServerMessage, scope = OWN_SCOPE): ServerMessage {
  if (message.type !== 'reload' || message.paths === undefined || scope === 'nothing') return message
  return scope === 'everything' || message.files === undefined ? { ...message, mayRestart: true } : message
}
