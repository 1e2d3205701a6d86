// Reads an event stream as the standard says: any of three line ends, comments and unknown fields passed over.
import type { ServerMessage } from '../../../types/message.js'

export interface EventReader {
  read (chunk: Buffer | string): void
  /** Events as the messages they stand for. */
  readonly got: ServerMessage[]
  readonly ids: string[]
  readonly comments: string[]
}

export function createEventReader (): EventReader {
  const decoder = new TextDecoder()
  const got: ServerMessage[] = []
  const ids: string[] = []
  const comments: string[] = []
  let rest = ''
  let event = { type: 'message', data: '' }

  function line (text: string): void {
    if (text === '') {
      if (event.data !== '') got.push({ type: event.type, ...JSON.parse(event.data) as object } as ServerMessage)
      event = { type: 'message', data: '' }
    } else if (text.startsWith(':')) {
      comments.push(text.slice(1))
    } else {
      const [, name, value = ''] = /^([^:]*)(?:: ?(.*))?$/.exec(text) ?? []
      if (name === 'event') event.type = value
      if (name === 'data') event.data += value
      if (name === 'id') ids.push(value)
    }
  }

  return {
    got,
    ids,
    comments,
    read (chunk) {
      rest += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true })
      const lines = rest.split(/\r\n|\n|\r/)
      rest = lines.pop() as string
      lines.forEach(line)
    }
  }
}
