// What went into this page, as far as it is certain: the files its resources came from, by what the server said of each.
import { all, type Place } from './places.js'
import { isOurs, placeOf } from './versions.js'

export interface Use {
  /** The file that was answered there, if the server said so. */
  fileAt (place: string): string | undefined
  /** Whether the page may be stale after a change of these files. */
  mayUse (paths: readonly string[]): boolean
  /** The file was also fetched by a script, or into a document of its own: what became of it is not to be seen. */
  isElsewhere (path: string): boolean
}

/** The browser keeps no more than this many, unless told so. */
const MOST = 250
/** What asks for sheets, fonts and images where the page does not show what came of them. */
const UNSEEN = /fetch|xml|script|frame|object|embed/

interface Entry {
  readonly place: string
  readonly file: string | undefined
  readonly type: string
}

/** By what all places asked for before that moment: what a frame loaded is in its own list. */
export function findUse (places: readonly Place[], base: string, own: string | undefined, before = Infinity): Use {
  // Something threw entries away, or there was no room.
  let partial = performance.getEntriesByName(base).length === 0
  const entries: Entry[] = places.flatMap(place => {
    const clock = (place as Document).defaultView?.performance
    if (!clock) return []
    const list = clock.getEntriesByType('resource') as PerformanceResourceTiming[]
    partial ||= list.length >= MOST
    return list.filter(({ name, startTime }) => clock.timeOrigin + startTime < before && !name.startsWith(new URL('.', base).href)).map(({ name, initiatorType, serverTiming }) => ({
      place: placeOf(name),
      file: serverTiming?.find(({ name }) => name === 'file')?.description,
      type: initiatorType
    }))
  })

  const isOf = ({ place, file }: Entry, path: string) => file === path || place.endsWith(decodeURIComponent(path.replace(/^\/?/, '/')))
  /** A frame without an address is in no list, and into this one nobody may look. */
  const isSealed = (place: Place) => [...all<HTMLIFrameElement>(place, 'iframe')].some(({ contentDocument, src }) => !contentDocument && !/^http/.test(src))

  return {
    fileAt: wanted => entries.find(({ place }) => place === wanted)?.file,
    mayUse: paths => paths.length > 0 && (
      !own || document.readyState !== 'complete' || !!navigator.serviceWorker?.controller || partial || paths.includes(own) || places.some(isSealed) ||
      // The app's own answer: anything may have gone into it.
      entries.some(entry => (isOurs(entry.place) && entry.file === undefined) || paths.some(path => isOf(entry, path)))
    ),
    isElsewhere: path => entries.some(entry => UNSEEN.test(entry.type) && isOf(entry, path))
  }
}
