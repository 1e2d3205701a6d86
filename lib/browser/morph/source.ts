// What the page is made from: its HTML, as the server makes it now.
import { fetchDocument } from '../update/document.js'
import { select } from './nodes.js'

const address = () => location.href.replace(/#.*/s, '')

/** What comes back throws when it is no page, or another one, or nobody can ask without breaking a policy. */
export function createSource (where: () => URL): () => Promise<Document> {
  const first = address()
  return async () => {
    // Styles of a document that is only parsed are held against the policy of the page, which knows its own nonces alone.
    if (select(document, 'style').some(({ nonce }) => nonce)) throw new Error('[live-reload] a policy with nonces for styles')
    const made = await fetchDocument(where())
    if (address() !== first) throw new Error('[live-reload] a library has gone on to another page')
    return made
  }
}

/** Whether our tag in it has this stamp. */
export const isFrom = (made: Document, stamp: string) => select(made, 'script[data-live-reload]')[0]?.dataset['liveReload'] === stamp
