// What is due: wishes come true one at a time, once for a burst, and when the page is looked at.
import type { ChangeMessage, ClientSettings } from '../../types/message.js'
import { backoff } from './backoff.js'

/** Milliseconds: messages that keep coming delay a wish no longer than this. */
const LONGEST = 500

export interface Wish {
  /** Of the burst, in their order; one at least. */
  readonly messages: readonly ChangeMessage[]
  /** When the first message of the burst came, or the page was shown after it. */
  readonly came: number
  /** How often it did not come true. */
  readonly tries: number
  /** Somebody wants the page to be loaded whatever it answers, and whatever is lost. */
  readonly sure?: boolean | undefined
}

/** Gives back what is to be tried again after a pause. `wanted`: false when it was forgotten meanwhile. */
export type Perform = (wish: Wish, wanted: () => boolean) => Promise<Wish | void>

export interface Due {
  want (message: ChangeMessage): void
  /** As it is, at once. */
  insist (next: Wish): void
  /** The page was shown: a wish that waited for it comes true. */
  shown (): void
  /** Forgets what waits: the next connection catches up. What is under way goes on. */
  drop (): void
  /** Forgets what is under way as well. */
  forget (): void
}

export function createDue (settings: () => Partial<ClientSettings>, perform: Perform): Due {
  let wish: Wish | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let busy: object | undefined

  function wait (next: Wish, ms: number) {
    wish = next
    clearTimeout(timer)
    timer = setTimeout(() => {
      timer = undefined
      look()
    }, ms)
  }
  async function look () {
    if (!wish || timer || busy || (document.hidden && settings().hidden !== 'reload')) return
    const now = wish
    const mine = busy = {}
    wish = undefined
    const again = await perform(now, () => busy === mine)
    if (busy !== mine) return
    busy = undefined
    if (again && !wish) wait(again, backoff(again.tries - 1))
    else look()
  }
  function drop () {
    clearTimeout(timer)
    wish = timer = undefined
  }
  return {
    want (message) {
      const { messages = [], came = Date.now() } = wish ?? {}
      const { debounce = 0 } = settings()
      wait({ messages: [...messages, message], came, tries: 0 }, Math.min(debounce, came + Math.max(debounce, LONGEST) - Date.now()))
    },
    insist: next => wait(next, 0),
    shown () {
      if (wish && !timer) wish = { ...wish, came: Date.now() }
      look()
    },
    drop,
    forget () {
      drop()
      busy = undefined
    }
  }
}
