// Fetches the HTML that the server answers for this page now.
import { pageAddress } from '../page/navigation.js'
import { fetchDocument } from './fetch-document.js'
import { select } from './nodes.js'

const withoutNonces = (policy: string) => policy.replace(/'nonce-[^']*'/g, '')

/** Returns a function that rejects when the address answers no page or redirects, and when the policy of the page does not allow the request. */
export function createSource (): () => Promise<Document> {
  const address = pageAddress()
  let policy: string | undefined

  /** The page keeps its first policy, so HTML that comes with another one needs a reload. */
  function prepare (request: XMLHttpRequest): void {
    request.setRequestHeader('cache-control', 'no-cache')
    // Asks for the document with our tag. Only pages of this origin can send the header.
    request.setRequestHeader('x-live-reload', '1')
    request.onreadystatechange = () => {
      if (request.readyState !== request.HEADERS_RECEIVED) return
      const next = withoutNonces(request.getResponseHeader('content-security-policy') ?? '')
      policy ??= next
      // Before anything is parsed: the browser checks styles against the policy of the page at once.
      if (next !== policy) request.abort()
    }
  }

  return async () => {
    // The browser also checks styles of a document that is only parsed, and knows only the nonces of the page.
    if (select(document, 'style').some(({ nonce }) => nonce)) throw new Error('[live-reload] a policy with nonces for styles')
    const request = await fetchDocument(address, prepare)
    const html = request.response as Document | null
    if (request.status !== 200 || !html || request.responseURL !== address) throw new Error('no page')
    if (pageAddress() !== address) throw new Error('[live-reload] a library has gone on to another page')
    return html
  }
}

/** Whether our tag in the HTML has this stamp. */
export const isFrom = (html: Document, stamp: string) => select(html, 'script[data-live-reload]')[0]?.dataset['liveReload'] === stamp
