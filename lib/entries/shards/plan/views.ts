// Which pages do tabs show? Judged by the paths of URLs: where a root is mounted, and whether `.html` is left out, is the app's choice.
import type { Page } from '../../../../types/shards.js'

/** Tells whether a page is shown at one of these URL paths. */
export function viewOf (urls: readonly string[]): (page: Page) => boolean {
  const views = urls.map(url => bare(decode(url)))
  if (views.length === 0) return () => false
  return ({ id, outputs = [id] }) => {
    const names = outputs.map(bare)
    return views.some(view => names.some(name => view === name || (name !== '' && view.endsWith(`/${name}`))))
  }
}

/** `/guide/install.html`, `/guide/install/` and `guide/install.md` are all `guide/install`. */
function bare (path: string): string {
  return path.replace(/^\/+|\/+$/g, '').replace(/\.[a-z]+$/i, '').replace(/(?:^|\/)index$/, '')
}

function decode (url: string): string {
  try {
    return decodeURIComponent(url)
  } catch {
    return url
  }
}
