// What the page is made from: its HTML as the server makes it now, and which of the browser's entries are ours for asking.
import { fetchDocument } from '../update/document.js'
import { select } from './nodes.js'

export interface Source {
  /** @throws when it is no page, or another one, or nobody can ask without breaking a policy. */
  fetch (): Promise<Document>
  isOurs (entry: PerformanceResourceTiming): boolean
}

const address = () => location.href.replace(/#.*/s, '')

export function createSource (): Source {
  const first = address()
  const asked: { readonly from: number, readonly to: number }[] = []
  return {
    async fetch () {
      // Styles of a document that is only parsed are held against the policy of the page, which knows its own nonces alone.
      if (select(document, 'style').some(({ nonce }) => nonce)) throw new Error('[live-reload] a policy with nonces for styles')
      const from = performance.now()
      const made = await fetchDocument()
      asked.push({ from, to: performance.now() })
      if (address() !== first || made.URL !== first) throw new Error('[live-reload] the page has another address now')
      return made
    },
    isOurs: ({ name, startTime }) => name === first && asked.some(({ from, to }) => startTime >= from && startTime <= to)
  }
}
