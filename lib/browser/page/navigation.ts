// Facts about the navigation that loaded this document.

export const [entry] = performance.getEntriesByType('navigation') as (PerformanceNavigationTiming | undefined)[]

/** Such as `http/1.1`, `h2` or `h3`, where the browser tells. */
export const protocol = entry?.nextHopProtocol as string

/** Address of the page without its hash. */
export const pageAddress = (): string => location.href.replace(/#.*/s, '')
