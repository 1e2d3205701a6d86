// A text from the server becomes a message, or nothing.
import type { ServerMessage } from '../../types/message.js'

/** `undefined` for what is no message. The type may still be one we do not know. */
export function parse (text: string): ServerMessage | undefined {
  try {
    const value = JSON.parse(text) as ServerMessage | null
    return value?.type && value
  } catch {
    return undefined
  }
}
