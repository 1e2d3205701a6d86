// Says why a page reloads, for the console.
import type { ChangeMessage } from '../../../types/message.js'

const MAX_PATHS = 3

export function describeReason (messages: readonly ChangeMessage[], restarted: boolean): string {
  const paths = messages.flatMap(message => message.type === 'reload' ? message.paths ?? [] : message.updates.map(({ path }) => path))
  return paths.slice(0, MAX_PATHS).join(', ') || (restarted ? 'restart' : 'requested')
}
