// Facts about the navigation that loaded this document.

const [entry] = performance.getEntriesByType('navigation') as (PerformanceNavigationTiming | undefined)[]

/** Such as `http/1.1`, `h2` or `h3`. */
export const protocol = entry?.nextHopProtocol ?? ''

/** HTTP status of the document; 0 where the browser does not report it. Read late: the answer may still be on its way. */
export const responseStatus = (): number => entry?.responseStatus ?? 0

/** Path of the file in a served root that this document came from, if the server said so. */
export const documentFile = entry?.serverTiming?.find(({ name }) => name === 'file')?.description

/** Address of the page without its hash. */
export const pageAddress = (): string => location.href.replace(/#.*/s, '')
