// One line in the log for each change that reached tabs: what it was, and what came of it.
import type { FastifyBaseLogger } from 'fastify'
import type { LiveReload } from '../../../types/live-reload.js'
import type { ServerMessage } from '../../../types/message.js'
import { shortenPath } from '../../shared/paths.js'
import { printable } from '../../shared/text.js'

const MAX_PATHS = 3
/** In the fields of the line, for programs that read the log. */
const MAX_PATH_FIELDS = 20

/** `reload: views/clock.ejs -> 3 tabs (14 ms)`, with the same as fields. The time is that from the first look at the change to the message. */
export function logChanges (live: Pick<LiveReload, 'on'>, cwd: string, log: FastifyBaseLogger): void {
  let waiting = new Set<string>()
  let seen = Infinity
  live.on('change', ({ source, changes }) => {
    if (source !== 'output' && source !== 'watch') return
    for (const change of changes) {
      waiting.add(shortenPath(cwd, change.path))
      seen = Math.min(seen, change.seen)
    }
  })
  live.on('send', ({ message, clients }) => {
    if (message.type !== 'reload' && message.type !== 'update') return
    const ms = Math.max(1, Math.round(performance.now() - seen))
    const isSave = waiting.size > 0
    const names = isSave ? [...waiting] : namesOf(message)
    waiting = new Set()
    seen = Infinity
    if (clients === 0) return
    const fields = { seq: message.seq, paths: names.slice(0, MAX_PATH_FIELDS), clients, ...isSave && { ms } }
    log.info(fields, printable(`${message.type}: ${list(names)} -> ${clients} ${clients === 1 ? 'tab' : 'tabs'}${isSave ? ` (${ms} ms)` : ''}`))
  })
}

/** What the app itself asked for. */
function namesOf (message: Extract<ServerMessage, { type: 'reload' | 'update' }>): readonly string[] {
  if (message.type === 'update') return message.updates.map(({ path }) => path)
  return message.paths ?? message.urls ?? []
}

function list (names: readonly string[]): string {
  if (names.length === 0) return 'asked for by the app'
  const more = names.length - MAX_PATHS
  return names.slice(0, MAX_PATHS).join(', ') + (more > 0 ? ` and ${more} more` : '')
}
