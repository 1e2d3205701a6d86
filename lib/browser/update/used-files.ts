// Knows which files this page was made from: the server names the file of each resource in `Server-Timing`.
import { type DocumentRoot, selectAll } from './document-roots.js'
import { isOwnOrigin, withoutQuery } from './freshen.js'

export interface UsedFiles {
  /** The file that was served at an address, if the server named one. */
  fileAt (address: string): string | undefined
  /** Whether the page may be out of date after a change of these files. */
  mayUse (paths: readonly string[]): boolean
  /** Whether a script or a frame has fetched the file, too: we cannot see what it did with it. */
  isUsedByScript (path: string): boolean
}

/** Browsers keep no more entries than this by default. */
const MAX_ENTRIES = 250
/** Initiators that may use sheets, fonts and images in ways we cannot see. */
const OPAQUE_INITIATOR = /fetch|xml|script|frame|object|embed/

interface Entry {
  readonly address: string
  readonly file: string | undefined
  readonly initiator: string
}

/** Looks at resources requested before the time `before`. Each frame has a list of its own. */
export function findUsedFiles (roots: readonly DocumentRoot[], base: string, documentFile: string | undefined, before = Infinity): UsedFiles {
  // A list without our own script was cleared or had no room.
  let incomplete = performance.getEntriesByName(base).length === 0
  const entries: Entry[] = roots.flatMap(root => {
    const clock = (root as Document).defaultView?.performance
    if (!clock) return []
    const list = clock.getEntriesByType('resource') as PerformanceResourceTiming[]
    incomplete ||= list.length >= MAX_ENTRIES
    return list.filter(({ name, startTime }) => clock.timeOrigin + startTime < before && !name.startsWith(new URL('.', base).href)).map(({ name, initiatorType, serverTiming }) => ({
      address: withoutQuery(name),
      file: serverTiming?.find(({ name }) => name === 'file')?.description,
      initiator: initiatorType
    }))
  })

  const matches = ({ address, file }: Entry, path: string) => file === path || address.endsWith(decodeURIComponent(path.replace(/^\/?/, '/')))
  /** A frame without an address is in no list, and its document is out of reach. */
  const hasSealedFrame = (root: DocumentRoot) => [...selectAll<HTMLIFrameElement>(root, 'iframe')].some(({ contentDocument, src }) => !contentDocument && !/^http/.test(src))

  return {
    fileAt: wanted => entries.find(({ address }) => address === wanted)?.file,
    mayUse: paths => paths.length > 0 && (
      !documentFile || document.readyState !== 'complete' || !!navigator.serviceWorker?.controller || incomplete || paths.includes(documentFile) || roots.some(hasSealedFrame) ||
      // An answer without a file was made by the app, from anything.
      entries.some(entry => (isOwnOrigin(entry.address) && entry.file === undefined) || paths.some(path => matches(entry, path)))
    ),
    isUsedByScript: path => entries.some(entry => OPAQUE_INITIATOR.test(entry.initiator) && matches(entry, path))
  }
}
