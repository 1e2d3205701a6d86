// What went into this page, as far as it is certain: the files its resources came from, by what the server said of each.
import type { Update } from '../../../types/message.js'
import { all, findPlaces } from './places.js'
import { decode, parse, plain } from './versions.js'

export interface Use {
  /** The file an address was answered with, if the server said so. */
  fileOf (address: string): string | undefined
  /** Whether the page may be stale after a change of these files: by what it asked for before that moment. */
  mayUse (paths: readonly string[], before?: number): boolean
  /** The file was also fetched by a script: what became of it is not to be seen. */
  isElsewhere (update: Update): boolean
}

/** Without what a link inside of the file is, and what an update added. */
const bareOf = (address: string) => address.replace(/#.*/s, '').replace(/\?.*/s, plain)

/** The browser keeps no more than this many, unless told so. */
const MOST = 250
/** What asks for a file of this kind, where the page shows what came of it. */
const SHOWN = { css: /^(?:link|css|early-hints)$/, image: /^(?:link|css|img|image|input|video|svg|use|other|early-hints)$/, html: /^iframe$/, names: /^$/ }

export function createUse (base: string, own: string | undefined): Use {
  const ours = new URL('.', base).href
  let full = false
  performance.addEventListener('resourcetimingbufferfull', () => { full = true })

  const entries = (clock = performance) => clock.getEntriesByType('resource') as PerformanceResourceTiming[]
  /** What a frame loaded is in its own list. */
  const clocks = () => [performance, ...findPlaces().slice(1).flatMap(place => (place as Document).defaultView?.performance ?? [])]
  const markOf = ({ serverTiming }: PerformanceResourceTiming) => serverTiming?.find(({ name }) => name === 'file')?.description

  /** Something threw entries away, or there was no room. */
  function isPartial (all: readonly PerformanceResourceTiming[]): boolean {
    return full || all.length >= MOST || !all.some(({ name }) => name === base)
  }

  /** A frame without an address is in no list, and into this one nobody may look. */
  function hasSealed (): boolean {
    return findPlaces().some(place => [...all<HTMLIFrameElement>(place, 'iframe')].some(({ contentDocument, src, srcdoc }) => !contentDocument && (srcdoc || !/^http/.test(src))))
  }

  function uses (entry: PerformanceResourceTiming, paths: readonly string[]): boolean {
    if (entry.name.startsWith(ours)) return false
    const url = parse(entry.name, base)
    if (!url || !/^http/.test(url.protocol)) return false
    const path = decode(url.pathname)
    if (paths.some(wanted => path.endsWith(wanted.startsWith('/') ? decode(wanted) : `/${decode(wanted)}`))) return true
    if (url.origin !== location.origin) return false
    const file = markOf(entry)
    // The app's own answer: anything may have gone into it.
    return file === undefined || paths.includes(file)
  }

  return {
    fileOf (address) {
      const bare = bareOf(address)
      const entry = entries().find(({ name }) => bareOf(name) === bare)
      return entry && markOf(entry)
    },
    mayUse (paths, before = Infinity) {
      if (paths.length === 0) return false
      if (!own || document.readyState !== 'complete' || navigator.serviceWorker?.controller) return true
      if (isPartial(entries()) || paths.includes(own) || hasSealed()) return true
      return clocks().some(clock => {
        const list = entries(clock)
        return list.length >= MOST || list.some(entry => clock.timeOrigin + entry.startTime < before && uses(entry, paths))
      })
    },
    isElsewhere ({ kind, path }) {
      return clocks().flatMap(clock => entries(clock)).some(entry => !SHOWN[kind].test(entry.initiatorType) && !entry.name.startsWith(ours) && (markOf(entry) === path || decode(parse(entry.name, base)?.pathname ?? '').endsWith(decode(path))))
    }
  }
}
