// Puts state to elements as they come: with the frames of the page until it has loaded, and a while after.
import type { Item } from '../memory.js'
import type { AnyKeeper } from './keeper.js'
import { findAll } from './place.js'

/** Milliseconds after loading in which a page may still build itself. */
const GROWING = 3000
/** A page that is hidden has no frames. */
const HIDDEN = 100
/** Who moves or types has the say. */
const MOVES = ['wheel', 'keydown', 'pointerdown']

/** Settles with what found no place. */
export async function putBack (items: readonly Item[], keepers: readonly AnyKeeper[], typed: Set<EventTarget>): Promise<readonly Item[]> {
  let waiting = items
  let moved = false
  let end = 0
  for (const event of MOVES) addEventListener(event, () => { moved = true }, { once: true, capture: true })

  while (true) {
    const now = Date.now()
    if (!end || document.readyState !== 'complete') end = now + GROWING
    const last = now > end
    const found = findAll()
    // To look takes a tenth of the time at most, however large the page is.
    const pause = (Date.now() - now) * 9
    waiting = waiting.filter(([kind, place, value]) => {
      try {
        const element = found.get(place) as Element
        const { yields, put } = keepers[kind] as AnyKeeper
        const late = yields ? moved : typed.has(element)
        if (late) return false
        if (!element || put(element as never, value as never, last)) return true
        if (!yields) typed.add(element)
      } catch {}
      // What throws does so again.
      return false
    })
    if (last || !waiting.length) return waiting
    await new Promise(resolve => {
      setTimeout(requestAnimationFrame, pause, resolve)
      setTimeout(resolve, pause + HIDDEN)
    })
  }
}
