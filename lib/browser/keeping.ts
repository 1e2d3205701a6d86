// What is lost when the page goes, and who keeps it: a part of the module that is fetched when the first reload is due.
import type { ClientSettings } from '../../types/message.js'
import type { Display } from './badge/status.js'
import type { LoadMore } from './load.js'
import type { Memory } from './memory.js'
import type { Asking } from './preserve/ask.js'
import type { Leaving } from './preserve/preserve.js'

export interface Keeping {
  /** Before the page goes, once its address answers as a page. False: nothing is kept; `undefined`: it does not go. */
  keep (settings: ClientSettings, asking: Asking): Promise<boolean | undefined>
  /** Whether somebody typed into what is still there. */
  typed (): boolean
}

export function createKeeping (load: LoadMore, past: Memory | undefined, note: Display['note']): Keeping {
  const typed = new Set<EventTarget>()
  let first: Leaving['first'] = []

  async function restore ({ maps }: Memory) {
    const text = await (await load(!maps)).restore(typed)
    if (text) note({ text, hint: 'Dismiss', act: () => note(undefined) })
  }

  addEventListener('input', event => {
    const [element] = event.composedPath()
    if (event.isTrusted && element) typed.add(element)
  }, true)
  // What the page's own scripts make of it when it loads is the page's, too.
  addEventListener('load', () => setTimeout(() => {
    first = Array.from(Document.prototype.querySelectorAll.call(document, 'input,textarea,select,[open]') as NodeListOf<HTMLInputElement>, element => [element, element.value, element.checked])
  }))
  if (past?.kept) restore(past).catch(() => {})

  return {
    async keep ({ preserve, serviceWorker }, asking) {
      try {
        // What is left may go without the import map that was to come.
        return await (await load(true)).leave({ typed, first, preserve, serviceWorker, asking })
      } catch {
        // The server may be down again.
        return asking.connected() ? false : undefined
      }
    },
    typed: () => [...typed].some(element => (element as Element).isConnected)
  }
}
