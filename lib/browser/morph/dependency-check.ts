// Checks whether parts of the page other than its document (data, fragments, frames) may depend on a file: we cannot see what becomes of those.

import { pageAddress } from '../page/navigation.js'

/** Initiators whose answers the app may make from the files of its pages. */
const DYNAMIC_INITIATOR = /^(?:fetch|xmlhttprequest|iframe|frame|object|embed)$/
/** Browsers keep no more entries than this by default. */
const MAX_ENTRIES = 250

/** Whether we have made the request ourselves, to learn the HTML of the page. */
const isOwnFetch = ({ name, initiatorType }: PerformanceResourceTiming) => initiatorType === 'xmlhttprequest' && name === pageAddress()

export function createDependencyCheck (base: string, documentFile: string | undefined): (paths: readonly string[]) => boolean {
  const ownFolder = new URL('.', base).href
  const fileOf = ({ serverTiming }: PerformanceResourceTiming) => serverTiming?.find(({ name }) => name === 'file')?.description

  function dependsOn (entry: PerformanceResourceTiming, paths: readonly string[]): boolean {
    if (entry.name.startsWith(ownFolder) || !entry.name.startsWith(`${origin}/`) || isOwnFetch(entry)) return false
    const file = fileOf(entry)
    return file ? paths.includes(file) : !documentFile && DYNAMIC_INITIATOR.test(entry.initiatorType)
  }

  return paths => {
    const entries = performance.getEntriesByType('resource') as PerformanceResourceTiming[]
    const isComplete = document.readyState === 'complete' && !navigator.serviceWorker?.controller && entries.length < MAX_ENTRIES && entries.some(({ name }) => name === base)
    return !isComplete || entries.some(entry => dependsOn(entry, paths))
  }
}
