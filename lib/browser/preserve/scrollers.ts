// Scroll positions, of the page and of everything in it.
import type { Keeper } from './keeper.js'

type Position = readonly [left: number, top: number]

export const scrollers: Keeper<Element, Position> = {
  of: '*',
  yields: true,
  take: ({ scrollLeft, scrollTop }) => scrollLeft || scrollTop ? [scrollLeft, scrollTop] : undefined,
  put (element, [left, top]) {
    // The page minds its own scrolling.
    if (element === document.scrollingElement && history.scrollRestoration === 'manual') return
    element.scrollTo({ left, top, behavior: 'instant' })
    // Not there yet: the content may still be on its way.
    return Math.hypot(element.scrollLeft - left, element.scrollTop - top) > 2
  }
}
