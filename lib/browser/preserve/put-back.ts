// Puts state to elements as they come: at once where they are there, and with every change of the page until it has loaded.
import type { Keepers } from './keeper.js'
import { elementAt } from './place.js'
import type { Item } from './state.js'

/** Milliseconds after loading in which a page may still build itself. */
const GROWING = 3000
/** Who moves or types has the say. */
const MOVES = ['wheel', 'touchstart', 'keydown', 'pointerdown']
const YIELDING = new Set(['page', 'scrollers', 'focus'])
/** What somebody made of the page, and makes no more when it is put back: it is to be kept again. */
export const MADE = new Set(['details', 'dialogs', 'texts', 'boxes', 'choices', 'editables'])

/** Settles with what found no place. */
export function putBack (items: readonly Item[], keepers: Keepers, typed: Set<EventTarget>): Promise<readonly Item[]> {
  let waiting = [...items]
  const done = new AbortController()
  const { signal } = done

  return new Promise(resolve => {
    const observer = new MutationObserver(() => run(false))
    const growth = new ResizeObserver(() => run(false))

    function put ([kind, place, value]: Item, last: boolean): boolean {
      const keeper = keepers[kind]
      const element = elementAt(place)
      if (!keeper || !element) return !keeper
      // Typed again meanwhile.
      if (MADE.has(kind) && typed.has(element)) return true
      const there = keeper.put(element as never, value as never, last) !== false
      if (there && MADE.has(kind)) typed.add(element)
      return there
    }
    function run (last: boolean) {
      waiting = waiting.filter(item => {
        // The focus goes last: what opens later would take it.
        if (item[0] === 'focus' && !last && waiting.some(([kind]) => kind === 'dialogs')) return true
        try {
          return !put(item, last)
        } catch {
          return false
        }
      })
      if (last || waiting.length === 0) end()
    }
    function end () {
      observer.disconnect()
      growth.disconnect()
      done.abort()
      resolve(waiting)
    }
    function loaded () {
      run(false)
      if (!signal.aborted) setTimeout(run, GROWING, true)
    }

    run(false)
    if (signal.aborted) return
    observer.observe(document, { childList: true, subtree: true })
    growth.observe(document.documentElement)
    // Images and metadata of media make no change of the tree.
    for (const event of ['load', 'loadedmetadata']) document.addEventListener(event, () => run(false), { capture: true, signal })
    for (const event of MOVES) addEventListener(event, () => { waiting = waiting.filter(([kind]) => !YIELDING.has(kind)) }, { signal, passive: true })
    if (document.readyState === 'complete') loaded()
    else addEventListener('load', loaded, { signal })
  })
}
