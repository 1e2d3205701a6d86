// The one element that is added to a page. Nothing of a request is in it, but for a nonce that the page's own policy gives.
import type { Stamp } from '../../types/message.js'
import { escape } from '../shared/text.js'
import type { ConnectSettings } from '../options/settings.js'

export interface TagParts {
  /** Address of the client with its hash: `/__live/client.js?v=hash`. */
  readonly url: string
  /** Proves to the gate that a page is ours. */
  readonly token: string
  readonly connect: Omit<ConnectSettings, 'serverLog'>
  /** Whether upgrade requests reach our socket. If not, pages use SSE at once. @default always */
  readonly socketReachable?: () => boolean
}

export interface TagForm {
  /** The page answers a form. A page cannot find that out, and a reload would send the form again. */
  readonly posted?: boolean
  /** HTTP status of the page, which not every browser tells it. */
  readonly status?: number
  /** Said in the console of a page that reloaded. */
  readonly remark?: string | undefined
  /** For XHTML and SVG: an element of HTML there too, and well formed. */
  readonly xml?: boolean
  readonly nonce?: string | undefined
}

export type CreateTag = (stamp: Stamp, form?: TagForm) => string

/** A classic async script on purpose: a module script before an import map would break the map. */
export function createTag ({ url, token, connect, socketReachable = () => true }: TagParts): CreateTag {
  const src = `src="${escape(url)}" data-live-reload="`
  // Most pages need neither: what is the default is not said.
  const transport = (): string => {
    if (connect.transport !== 'auto') return ` data-transport="${connect.transport}"`
    return socketReachable() ? '' : ' data-transport="sse"'
  }
  const timeout = connect.fallbackTimeout === 3000 ? '' : ` data-timeout="${connect.fallbackTimeout}"`
  const forwarded = connect.console.length === 0 ? '' : ` data-console="${connect.console.join(' ')}"`
  const after = `${timeout}${forwarded}`
  // What scripts after it log is heard too: it has to run before them.
  const async = forwarded === '' ? ['async ', 'async="" '] : ['', '']
  return (stamp, { posted, status = 200, remark, xml, nonce } = {}) => {
    const before = xml === true ? `<script xmlns="http://www.w3.org/1999/xhtml" ${async[1]}` : `<script ${async[0]}`
    return `${before}${src}${escape(stamp)}" data-token="${escape(token)}"${transport()}${after}${posted === true ? ' data-method="POST"' : status >= 400 ? ` data-status="${status}"` : ''}${remark === undefined ? '' : ` data-remark="${escape(remark)}"`}${nonce === undefined ? '' : ` nonce="${escape(nonce)}"`}></script>`
  }
}
