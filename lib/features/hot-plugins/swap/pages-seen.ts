// Which pages used a plugin: those it answered itself, and those whose scripts, forms and images asked it.
import type { IncomingMessage } from 'node:http'
import { destOf, isDocumentDest } from '../../../shared/navigation.js'

/** With more, every tab is reloaded. */
const MAX_PAGES = 500

export class PagesSeen {
  readonly #seen = new Set<string>()

  /** Called for every request, so it takes addresses as they come. */
  add ({ headers, url = '/' }: IncomingMessage): void {
    const { referer } = headers
    const dest = destOf({ headers })
    const isDocument = dest === undefined ? headers.accept?.includes('text/html') === true : isDocumentDest(dest)
    const page = isDocument ? url : referer
    if (page !== undefined && this.#seen.size <= MAX_PAGES) this.#seen.add(page)
  }

  /** Their URL paths; `undefined` when they are too many to know. */
  paths (): string[] | undefined {
    if (this.#seen.size > MAX_PAGES) return undefined
    return [...new Set([...this.#seen].flatMap(page => {
      try {
        return new URL(page, 'http://localhost').pathname
      } catch {
        return []
      }
    }))]
  }
}
