// How this document came: what a page may read of its own navigation, `Server-Timing` among it.

const [entry] = performance.getEntriesByType('navigation') as (PerformanceNavigationTiming | undefined)[]

/** What carried it: `h2`, `h3`. */
export const protocol = entry?.nextHopProtocol ?? ''

export const told = (name: string): string | undefined => entry?.serverTiming?.find(one => one.name === name)?.description

/** The address as the app knows it: without a prefix that a proxy cut off. */
export function ownAddress (): string {
  const path = told('page') ?? ''
  const seen = new URL(entry?.name ?? '', location.href).pathname
  const here = location.pathname + location.search
  return seen.endsWith(path) && path ? here.slice(seen.length - path.length) : here
}
