// One look at one path: the index is brought up to date with the disk, and differences are reported.
import type { Stats } from 'node:fs'
import { isChanged, isSuspect } from './first-look.js'
import { differs, errorCode, fingerprint, hasSameMetadata, isUntouched, statPath, type Fingerprint, type PathStat } from './fingerprint.js'
import type { FileIndex } from './file-index.js'
import { isDirectory, type Entry, type Node } from './nodes.js'

/** Time the first crawl may spend on contents. The rest is read in the background, see `unread`. */
const CRAWL_READING_MS = 60
/** `force` has no effect on larger files. */
const MAX_FORCED_BYTES = 64 * 1024

export interface VisitOptions {
  /** Differences are not reported: the file existed before the watch. */
  readonly silent?: boolean
  /** The content is read even if the metadata is unchanged. */
  readonly force?: boolean
  /** The content is read if the first crawl did not read it. Of a larger file, whether it may be read is found. */
  readonly unread?: boolean
  /** It was found in its directory. */
  readonly listed?: boolean
  /** A build wrote again what is as it was. No event needs to judge that. */
  readonly byBuild?: boolean
}

export function visit (index: FileIndex, entry: Entry, options: VisitOptions): void {
  const { parent, name, path } = entry
  const known = parent.children.get(name)
  // The listing has shown that its kind is the same.
  if (known === undefined && options.listed && parent.ignored.has(name)) return
  const found = statPath(path, parent === index.top)
  if (found.kind === 'unreadable') return index.reportUnreadable(path, found.code)
  const directory = found.kind === 'directory'
  const retried = !directory && index.unreadable.delete(path)
  if (found.kind !== 'missing' && isIgnored(index, entry, directory, options)) return
  if (found.kind !== 'missing' && found.link) index.links.add(path)
  else index.links.delete(path)
  if (directory) visitDirectory(index, entry, known, found.id, options)
  else if (found.kind === 'file') visitFile(index, entry, known, found, options, retried)
  else index.remove(entry, options.silent)
}

/** A name is judged when it is new, and again when its kind is another one: rules may be for directories only, or for files. */
function isIgnored (index: FileIndex, entry: Entry, directory: boolean, { silent }: VisitOptions): boolean {
  const { parent, name, path } = entry
  const known = parent.children.get(name)
  if (known !== undefined && isDirectory(known) === directory) return false
  if (parent.ignored.get(name) === directory) return true
  parent.ignored.delete(name)
  if (!index.settings.ignored(path, directory)) {
    index.unignore(path)
    return false
  }
  index.remove(entry, silent)
  index.ignore(entry, directory)
  return true
}

function visitDirectory (index: FileIndex, entry: Entry, known: Node | undefined, id: string, { silent }: VisitOptions): void {
  if (!isDirectory(known)) {
    index.remove(entry, silent)
    index.addDirectory(entry, id, silent)
  } else if (known.id !== id) {
    // Another directory took its place: its names are compared with those of the old one.
    known.id = id
    known.listed = false
    index.addUnwatched(entry.path, id)
  }
}

/** `retried`: it could not be read the last time. */
function visitFile (index: FileIndex, entry: Entry, known: Node | undefined, { stat, changedAt }: Extract<PathStat, { kind: 'file' }>, { silent, force, unread, listed, byBuild }: VisitOptions, retried: boolean): void {
  const before = typeof known === 'number' ? index.fingerprints.get(known) : undefined
  const seemsUntouched = before !== undefined && isUntouched(before, stat)
  const forced = retried || (force && stat.size <= MAX_FORCED_BYTES) || (unread && before?.content === undefined)
  if (seemsUntouched && !before.racy && !forced) return
  let after: Fingerprint | undefined
  try {
    after = read(index, entry.path, stat, silent)
  } catch (error) {
    // The index keeps what it knows, so that the change is found when the file can be read.
    return index.reportUnreadable(entry.path, errorCode(error))
  }
  if (after === undefined) return index.remove(entry, silent)
  if (before === undefined) index.remove(entry, silent)
  // It may have been written after the first of the two looks.
  const untouched = before !== undefined && hasSameMetadata(before, after)
  // An untouched file whose content is read for the first time has not changed. One that could not be read may have failed pages: it counts as changed.
  if (!retried && ((untouched && before.content === undefined && !before.denied) || !differs(before, after))) {
    const isRewrite = before !== undefined && !untouched && !silent
    // Its own event decides, and would find nothing if the scan took it in.
    if (isRewrite && listed && !byBuild && index.settings.hasEvents()) return
    index.setFile(entry, after)
    if (isRewrite) index.settings.onRewrite(entry.path, after)
    return
  }
  index.setFile(entry, after)
  const newest = Math.max(changedAt, after.ctime)
  if (!silent) index.report(entry.path, before, after)
  else if (isChanged(index, newest)) index.report(entry.path, stat.birthtimeMs < index.settings.startedAt ? { ...after, size: -1, content: -1 } : undefined, after)
  else if (isSuspect(index, newest)) index.settings.onSuspect(entry.path, after)
}

function read ({ crawl }: FileIndex, path: string, stat: Stats, silent = false): Fingerprint | undefined {
  const began = performance.now()
  const found = fingerprint(path, stat, !silent || crawl.readingMs < CRAWL_READING_MS)
  if (silent) crawl.readingMs += performance.now() - began
  return found
}
