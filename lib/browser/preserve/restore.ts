// Restores state while the page loads: in each frame until it has loaded, and for a while after that.
import type { Item } from '../reload/memory.js'
import { elementsByPath } from './element-paths.js'
import type { AnyKeeper } from './keeper.js'

/** How long scripts of the page may still build it after it has loaded. */
const GRACE_MS = 3000
/** Hidden pages have no frames. */
const MAX_FRAME_MS = 100
/** Once the user does one of these, the view is his. */
const MOVES = ['wheel', 'keydown', 'pointerdown']

/** Resolves with the items that could not be restored. `typed` gets the restored elements. */
export async function restoreItems (items: readonly Item[], keepers: readonly AnyKeeper[], typed: Set<EventTarget>): Promise<readonly Item[]> {
  let waiting = items
  let moved = false
  let end = 0
  for (const event of MOVES) addEventListener(event, () => { moved = true }, { once: true, capture: true })

  while (waiting.length > 0) {
    const now = Date.now()
    if (!end || document.readyState !== 'complete') end = now + GRACE_MS
    const last = now > end
    const elements = elementsByPath()
    // Searching takes at most a tenth of the time, however large the page is.
    const pause = (Date.now() - now) * 9
    waiting = waiting.filter(([index, path, value]) => {
      try {
        const element = elements.get(path) as Element
        const { isViewState, restore } = keepers[index] as AnyKeeper
        if (isViewState ? moved : typed.has(element)) return false
        if (!element || restore(element as never, value as never, last)) return true
        if (!isViewState) typed.add(element)
      } catch {}
      // What throws would throw again.
      return false
    })
    if (last) break
    await new Promise(resolve => {
      setTimeout(requestAnimationFrame, pause, resolve)
      setTimeout(resolve, pause + MAX_FRAME_MS)
    })
  }
  return waiting
}
