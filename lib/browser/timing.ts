// How this document came: what a page may read of its own navigation, `Server-Timing` among it.

const [entry] = performance.getEntriesByType('navigation') as (PerformanceNavigationTiming | undefined)[]

/** What carried it: `h2`, `h3`. */
export const protocol = entry?.nextHopProtocol ?? ''

export const told = (name: string): string | undefined => entry?.serverTiming?.find(one => one.name === name)?.description

/** The address as the app knows it, without a prefix that a proxy cut off; `undefined` where nothing tells how much that is. */
export function ownAddress (): string | undefined {
  const path = told('page')
  const seen = new URL(entry?.name ?? '', location.href).pathname
  if (!path || !seen.endsWith(path)) return undefined
  const prefix = seen.slice(0, -path.length)
  const here = location.pathname + location.search
  return here.startsWith(`${prefix}/`) ? here.slice(prefix.length) : here
}
