// What the server said of this document beside it: `Server-Timing` is what a page may read of its own headers.

const entry = () => performance.getEntriesByType('navigation')[0] as PerformanceNavigationTiming | undefined

export const told = (name: string): string | undefined => entry()?.serverTiming?.find(one => one.name === name)?.description

/** The address as the app knows it: without a prefix that a proxy cut off. */
export function ownAddress (): string {
  const path = told('page')
  const seen = path && new URL(entry()?.name ?? '', location.href).pathname
  const here = location.pathname + location.search
  return path && seen?.endsWith(path) ? here.slice(seen.length - path.length) : here
}
