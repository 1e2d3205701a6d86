// What the page is made from: its HTML, as the server makes it now.
import { fetchDocument } from './document.js'
import { select } from './nodes.js'

const address = () => location.href.replace(/#.*/s, '')

const withoutNonces = (policy: string) => policy.replace(/'nonce-[^']*'/g, '')

/** What comes back throws when it is no page, or another one, or nobody can ask without breaking a policy. */
export function createSource (where: () => URL): () => Promise<Document> {
  const first = address()
  let policy: string | undefined

  /** What a new policy allows and forbids, the page would not follow: hashes of styles change together with them. */
  function watch (request: XMLHttpRequest): void {
    request.setRequestHeader('cache-control', 'no-cache')
    request.onreadystatechange = () => {
      if (request.readyState !== request.HEADERS_RECEIVED) return
      const next = withoutNonces(request.getResponseHeader('content-security-policy') ?? '')
      policy ??= next
      // Before anything is parsed: styles are held against the policy of the page at once.
      if (next !== policy) request.abort()
    }
  }

  return async () => {
    // Styles of a document that is only parsed are held against the policy of the page, which knows its own nonces alone.
    if (select(document, 'style').some(({ nonce }) => nonce)) throw new Error('[live-reload] a policy with nonces for styles')
    const request = await fetchDocument(where(), watch)
    const made = request.response as Document | null
    // What leads on to another page answers nothing of its own.
    if (request.status !== 200 || !made || request.getResponseHeader('x-no-page')) throw new Error('no page')
    if (address() !== first) throw new Error('[live-reload] a library has gone on to another page')
    return made
  }
}

/** Whether our tag in it has this stamp. */
export const isFrom = (made: Document, stamp: string) => select(made, 'script[data-live-reload]')[0]?.dataset['liveReload'] === stamp
