// Whether more of the page than its document may be made from a file: data, fragments, frames. What became of those is not to be seen.

/** What asks for what an app may make from what it makes its pages from. */
const MADE = /^(?:fetch|xmlhttprequest|iframe|frame|object|embed)$/
/** The browser keeps no more than this many, unless told so. */
const MOST = 250

export function createHeld (base: string, own: string | undefined): (paths: readonly string[]) => boolean {
  const ours = new URL('.', base).href
  const fileOf = ({ serverTiming }: PerformanceResourceTiming) => serverTiming?.find(({ name }) => name === 'file')?.description

  function holds (entry: PerformanceResourceTiming, paths: readonly string[]): boolean {
    if (entry.name.startsWith(ours) || !entry.name.startsWith(`${origin}/`)) return false
    const file = fileOf(entry)
    return file ? paths.includes(file) : !own && MADE.test(entry.initiatorType)
  }

  return paths => {
    const entries = performance.getEntriesByType('resource') as PerformanceResourceTiming[]
    const known = document.readyState === 'complete' && !navigator.serviceWorker?.controller && entries.length < MOST && entries.some(({ name }) => name === base)
    return !known || entries.some(entry => holds(entry, paths))
  }
}
