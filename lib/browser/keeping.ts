// What is lost when the page goes, and who keeps it: a part of the module that is fetched when the first reload is due.
import type { ClientSettings } from '../../types/message.js'
import type { Display } from './badge/status.js'
import type { LoadMore } from './load.js'
import type { Memory } from './memory.js'

export interface Keeping {
  /** Before the page goes. False: nothing is kept. */
  keep (settings: ClientSettings): Promise<boolean>
  /** Whether somebody typed into what is still there. */
  typed (): boolean
}

export function createKeeping (load: LoadMore, past: Memory | undefined, note: Display['note']): Keeping {
  const typed = new Set<EventTarget>()

  async function restore ({ scroll, maps }: Memory) {
    const text = await (await load(!maps)).restore(typed, scroll)
    if (text) note({ text, hint: 'Dismiss', act: () => note(undefined) })
  }

  addEventListener('input', event => {
    const [element] = event.composedPath()
    if (event.isTrusted && element) typed.add(element)
  }, { capture: true, passive: true })
  if (past?.kept) restore(past).catch(() => {})

  return {
    async keep ({ preserve, serviceWorker }) {
      try {
        // What is left may go without the import map that was to come.
        return await (await load(true)).leave({ typed, preserve, serviceWorker })
      } catch {
        return false
      }
    },
    typed: () => [...typed].some(element => (element as Element).isConnected)
  }
}
