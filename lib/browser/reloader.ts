// When to reload: once for a burst, and when the page is looked at.
import type { ChangeMessage, ClientSettings } from '../../types/message.js'

/** Milliseconds: messages that keep coming delay a reload no longer than this. */
const LONGEST = 500
/** A reload that did not end the page in this time was refused (`beforeunload`, a download). */
const REFUSED = 10_000

export interface Wish {
  /** Of the burst, in their order; one at least. */
  readonly messages: readonly ChangeMessage[]
  /** When the first message of the burst came, or the page was shown after it. */
  readonly came: number
}

export interface Reloader {
  want (message: ChangeMessage): void
  /** The page was shown: a wish that waited for it comes true. */
  shown (): void
  /** Forgets what was wanted: the next connection catches up. */
  cancel (): void
  /** The page is about to go; false when it already is. What comes meanwhile waits, so a slow page is not asked for again and again. */
  leave (): boolean
}

export function createReloader (settings: () => ClientSettings, perform: (wish: Wish) => void): Reloader {
  let wish: Wish | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let leaving = false

  function look () {
    if (!wish || timer || leaving) return
    if (document.hidden && settings().hidden === 'wait') return
    const now = wish
    wish = undefined
    perform(now)
  }
  function due () {
    timer = undefined
    look()
  }
  return {
    want (message) {
      wish = { messages: [...wish?.messages ?? [], message], came: wish?.came ?? Date.now() }
      const quiet = settings().debounce
      const left = wish.came + Math.max(quiet, LONGEST) - Date.now()
      clearTimeout(timer)
      timer = setTimeout(due, Math.max(0, Math.min(quiet, left)))
    },
    shown () {
      if (wish && !timer) wish = { ...wish, came: Date.now() }
      look()
    },
    cancel () {
      clearTimeout(timer)
      wish = timer = undefined
    },
    leave () {
      if (leaving) return false
      leaving = true
      setTimeout(() => {
        leaving = false
        look()
      }, REFUSED)
      return true
    }
  }
}
