// Scroll positions of everything but the page itself.
import type { Keeper } from './keeper.js'

export const scrollers: Keeper<readonly [number, number]> = {
  take ({ scrollLeft, scrollTop, parentNode, localName }) {
    const page = localName === 'html' || (localName === 'body' && parentNode instanceof HTMLHtmlElement && document.compatMode === 'BackCompat')
    return !page && (scrollLeft || scrollTop) ? [scrollLeft, scrollTop] : undefined
  },
  put (element, [left, top]) {
    element.scrollTo({ left, top, behavior: 'instant' })
    // Not there yet: the content may still be on its way.
    return Math.abs(element.scrollTop - top) < 2 && Math.abs(element.scrollLeft - left) < 2
  }
}
