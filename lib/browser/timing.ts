// How this document came: what a page may read of its own navigation, `Server-Timing` among it, and where it is to be asked for again.
import type { Page } from './tag.js'

const [entry] = performance.getEntriesByType('navigation') as (PerformanceNavigationTiming | undefined)[]

/** What carried it: `h2`, `h3`. */
export const protocol = entry?.nextHopProtocol ?? ''

/** It is an error itself. */
export const failed = () => (entry?.responseStatus ?? 0) >= 400

export const told = (name: string): string | undefined => entry?.serverTiming?.find(one => one.name === name)?.description

/** The address as the app knows it, without a prefix that a proxy cut off; `undefined` where nothing tells how much that is. */
function ownAddress (): string | undefined {
  const path = told('page')
  const seen = new URL(entry?.name ?? '', location.href).pathname
  if (!path || !seen.endsWith(path)) return undefined
  const prefix = seen.slice(0, -path.length)
  const here = location.pathname + location.search
  return here.startsWith(`${prefix}/`) ? here.slice(prefix.length) : here
}

/** An address of ours that answers what this page's does: every policy that lets us connect lets us ask there. */
export function pageAddress ({ base, token }: Page): URL {
  const url = new URL('page', base)
  const own = ownAddress()
  // What the proxy cut off of ours is the best guess then.
  url.search = `${new URLSearchParams({ token, ...own ? { url: own } : { url: location.pathname + location.search, base: new URL('.', base).pathname } })}`
  return url
}
