// Keeps the scroll position of the page itself where the browser does not: a page that grows after it loaded, a page not reached by a reload.

/** Milliseconds after loading in which a page may still grow to where it was. */
const GROWING = 3000
const MOVES = ['wheel', 'touchstart', 'keydown', 'pointerdown']

export function keepScroll ([left, top]: readonly [number, number]): void {
  const root = document.documentElement
  const done = new AbortController()
  const growth = new ResizeObserver(move)

  function end () {
    growth.disconnect()
    done.abort()
  }
  function move () {
    if (root.scrollHeight - innerHeight < top || root.scrollWidth - innerWidth < left) return
    scrollTo({ left, top, behavior: 'instant' })
    end()
  }
  function loaded () {
    // The browser was first, or the page minds its own scrolling.
    if (history.scrollRestoration === 'manual' || (scrollY >= top && scrollX >= left)) return
    growth.observe(root)
    if (document.body) growth.observe(document.body)
    for (const event of MOVES) addEventListener(event, end, { signal: done.signal, passive: true })
    setTimeout(end, GROWING)
  }
  if (document.readyState === 'complete') loaded()
  else addEventListener('load', loaded)
}
