// Scroll positions: of everything but the page itself, and of the page where the browser does not bring it back.
import type { Keeper } from './keeper.js'

type Position = readonly [left: number, top: number]

export const scrollers: Keeper<Element, Position> = {
  of: '*',
  take ({ scrollLeft, scrollTop, parentNode, localName }) {
    const page = localName === 'html' || (localName === 'body' && parentNode instanceof HTMLHtmlElement && document.compatMode === 'BackCompat')
    if (!page && (scrollLeft || scrollTop)) return [scrollLeft, scrollTop]
  },
  put (element, [left, top]) {
    element.scrollTo({ left, top, behavior: 'instant' })
    // Not there yet: the content may still be on its way.
    return Math.abs(element.scrollTop - top) < 2 && Math.abs(element.scrollLeft - left) < 2
  }
}

/** Of a page that grows after it loaded, or was not reached by a reload. */
export const page: Keeper<Element, Position> = {
  of: 'nothing',
  take: () => undefined,
  put (root, [left, top]) {
    if (document.readyState !== 'complete') return false
    // The browser was first, or the page minds its own scrolling.
    if (history.scrollRestoration === 'manual' || (scrollY >= top && scrollX >= left)) return
    if (root.scrollHeight - innerHeight < top || root.scrollWidth - innerWidth < left) return false
    scrollTo({ left, top, behavior: 'instant' })
  }
}
