// What went into this page, as far as it is certain: the files its resources came from, by what the server said of each.
import { all, type Place } from './places.js'
import { decode, parse, plain } from './versions.js'

export interface Use {
  /** The file an address was answered with, if the server said so. */
  fileOf (address: string): string | undefined
  /** Whether the page may be stale after a change of these files. */
  mayUse (paths: readonly string[]): boolean
  /** The file was also fetched by a script: what became of it is not to be seen. */
  isElsewhere (path: string): boolean
}

/** The browser keeps no more than this many, unless told so. */
const MOST = 250
/** What asks for sheets, fonts and images where the page shows what came of them. */
const SHOWN = /^(?:link|css|img|image|input|video|svg|use|other|early-hints)$/

/** Without what a link inside of the file is, and what an update added. */
const bareOf = (address: string) => plain(address.replace(/#.*/s, ''))
const markOf = ({ serverTiming }: PerformanceResourceTiming) => serverTiming?.find(({ name }) => name === 'file')?.description
const isOf = (entry: PerformanceResourceTiming, path: string) =>
  markOf(entry) === path || decode(parse(entry.name)?.pathname ?? '').endsWith(decode(path.replace(/^\/?/, '/')))

/** By what all places asked for before that moment: what a frame loaded is in its own list. */
export function findUse (places: readonly Place[], base: string, own: string | undefined, before = Infinity): Use {
  let full = false
  const entries = places.flatMap(place => {
    const clock = (place as Document).defaultView?.performance
    if (!clock) return []
    const list = clock.getEntriesByType('resource') as PerformanceResourceTiming[]
    full ||= list.length >= MOST
    return list.filter(({ name, startTime }) => clock.timeOrigin + startTime < before && !name.startsWith(new URL('.', base).href))
  })

  /** A frame without an address is in no list, and into this one nobody may look. */
  const isSealed = (place: Place) => [...all<HTMLIFrameElement>(place, 'iframe')].some(({ contentDocument, src }) => !contentDocument && !/^http/.test(src))

  return {
    fileOf (address) {
      const entry = entries.find(({ name }) => bareOf(name) === bareOf(address))
      return entry && markOf(entry)
    },
    mayUse (paths) {
      if (paths.length === 0) return false
      // Something threw entries away, or there was no room.
      const partial = full || performance.getEntriesByName(base).length === 0
      return !own || document.readyState !== 'complete' || !!navigator.serviceWorker?.controller || partial || paths.includes(own) || places.some(isSealed) ||
        // The app's own answer: anything may have gone into it.
        entries.some(entry => paths.some(path => isOf(entry, path)) || (entry.name.startsWith(`${location.origin}/`) && markOf(entry) === undefined))
    },
    isElsewhere: path => entries.some(entry => !SHOWN.test(entry.initiatorType) && isOf(entry, path))
  }
}
