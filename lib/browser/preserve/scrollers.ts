// Keeps scroll positions of the page and of every element in it.
import type { Keeper } from './keeper.js'

type Position = readonly [left: number, top: number]

export const scrollers: Keeper<Element, Position> = {
  selector: '*',
  isViewState: true,
  read: ({ scrollLeft, scrollTop }) => scrollLeft || scrollTop ? [scrollLeft, scrollTop] : undefined,
  restore (element, [left, top]) {
    // The page restores its scroll position itself.
    if (element === document.scrollingElement && history.scrollRestoration === 'manual') return
    element.scrollTo({ left, top, behavior: 'instant' })
    // The content may still be loading.
    return Math.hypot(element.scrollLeft - left, element.scrollTop - top) > 2
  }
}
