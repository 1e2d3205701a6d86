// The one element that is added to a page. Nothing of a request is in it.
import type { Stamp } from '../../types/message.js'
import type { ConnectSettings } from '../options.js'

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '"': '&quot;', '<': '&lt;', '>': '&gt;' }

const escape = (text: string): string => text.replace(/[&"<>]/g, c => ESCAPES[c] as string)

export interface TagParts {
  /** Address of the client with its hash: `/__live/client.js?v=hash`. */
  readonly url: string
  /** Proves to the gate that a page is ours. */
  readonly token: string
  readonly connect: ConnectSettings
}

/** A classic async script on purpose: a module script before an import map would break the map. */
export function createTag ({ url, token, connect }: TagParts): (stamp: Stamp, posted?: boolean) => string {
  const before = `<script async src="${escape(url)}" data-live-reload="`
  // Most pages need neither: what is the default is not said.
  const transport = connect.transport === 'auto' ? '' : ` data-transport="${connect.transport}"`
  const timeout = connect.fallbackTimeout === 3000 ? '' : ` data-timeout="${connect.fallbackTimeout}"`
  const after = `" data-token="${escape(token)}"${transport}${timeout}`
  // A page can not know that it answered a form; to reload it would send the form again.
  return (stamp, posted) => `${before}${escape(stamp)}${after}${posted === true ? ' data-method="POST"' : ''}></script>`
}
