// Many looks in a row, as generators that yield after each, so that scans can be cut into slices and may interleave.
import { readdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { errorCode, isMissing, statPath } from './fingerprint.js'
import type { FileIndex } from './file-index.js'
import { isSuspect } from './first-look.js'
import { isDirectory, locate, pathOf, type DirectoryNode, type Node } from './nodes.js'
import { visit, type VisitOptions } from './visit.js'

export interface CompareOptions extends VisitOptions {
  /** A directory is compared with everything below it. Otherwise with its names only. */
  readonly deep?: boolean
  /** Ignore rules have changed and are applied anew. What they hide or show is no change on disk. */
  readonly rejudge?: boolean
}

/** Compares one path with the disk. Where it vanished with its directory, that directory is compared as well. */
export function * compare (index: FileIndex, path: string, options: CompareOptions = {}): Generator<void> {
  const entry = locate(index.top, index.root, path)
  if (entry === undefined) return
  visit(index, entry, options)
  const found = entry.parent.children.get(entry.name)
  if (isDirectory(found)) yield * compareDirectory(index, found, entry.path, { ...options, force: false, listed: true })
  else if (found === undefined && entry.parent !== index.top && statPath(dirname(entry.path), false).kind === 'missing') yield * compare(index, dirname(entry.path))
}

function * compareDirectory (index: FileIndex, first: DirectoryNode, at: string, options: CompareOptions): Generator<void> {
  const stack: [DirectoryNode, string][] = [[first, at]]
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const [node, path] = next
    const silent = { ...options, silent: true }
    for (const name of namesToVisit(index, node, path)) {
      if (node.removed) break
      const entry = { parent: node, name, path: pathOf(path, name) }
      const shown = options.rejudge === true && rejudge(index, entry)
      visit(index, entry, node.silent || shown ? silent : options)
      if (name.includes('\uFFFD')) reportUndecodable(index, entry.path)
      const child = node.children.get(name)
      if (isDirectory(child) && (options.deep || !child.listed)) stack.push([child, entry.path])
      yield
    }
    node.silent = false
  }
}

/** Removes what is ignored from now on. Returns true for a name that was ignored until now. */
function rejudge (index: FileIndex, { parent, name, path }: { parent: DirectoryNode, name: string, path: string }): boolean {
  const node = parent.children.get(name)
  if (node === undefined) return parent.ignored.delete(name)
  if (index.settings.ignored(path, isDirectory(node))) index.remove({ parent, name, path }, true)
  return false
}

/** The names on disk and those in the index; none when the directory cannot be read. */
function namesToVisit (index: FileIndex, node: DirectoryNode, path: string): Iterable<string> {
  try {
    const names = listNames(node, path)
    if (index.unreadable.delete(path)) index.doubtDirectory(path)
    if (!node.listed) suspectNames(index, path)
    node.listed = true
    for (const name of node.children.names()) names.add(name)
    return names
  } catch (error) {
    reportUnreadable(index, path, error)
    return []
  }
}

/** Forgets what was ignored and is gone, or is there as another kind, which rules may judge differently. The listing has the kinds, so that nothing ignored needs a look of its own. */
function listNames ({ ignored }: DirectoryNode, path: string): Set<string> {
  // Without kinds a listing takes less time.
  if (ignored.size === 0) return new Set(readdirSync(path))
  const names = new Set<string>()
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    names.add(entry.name)
    if (ignored.get(entry.name) === !entry.isDirectory()) ignored.delete(entry.name)
  }
  for (const name of ignored.keys()) if (!names.has(name)) ignored.delete(name)
  return names
}

/** Names may have left the directory before it was listed first. What was moved into it, or with it, keeps the times it had. */
function suspectNames (index: FileIndex, path: string): void {
  if (!index.crawl.active) return
  const found = statPath(path, path === index.root)
  if (found.kind === 'directory' && isSuspect(index, found.changedAt)) index.settings.onSuspect(path)
}

function reportUnreadable (index: FileIndex, path: string, error: unknown): void {
  const code = errorCode(error)
  if (!isMissing(code)) index.reportUnreadable(path, code)
}

/** Node replaces what is not UTF-8, so the name does not lead to the file. */
function reportUndecodable (index: FileIndex, path: string): void {
  if (index.undecodable.has(path) || statPath(path, false).kind !== 'missing') return
  index.undecodable.add(path)
  index.settings.onUnreadable(path, 'EILSEQ')
}

/** Finds directories and ignored directories and nothing else: what a backend needs before it is opened. */
export function * findDirectories (index: FileIndex): Generator<void> {
  const stack = [index.root]
  for (let path = stack.pop(); path !== undefined; path = stack.pop()) {
    const found = statPath(path, path === index.root)
    if (found.kind !== 'directory') continue
    index.addUnwatched(path, found.id)
    yield
    try {
      for (const entry of readdirSync(path, { withFileTypes: true })) {
        if (!entry.isDirectory()) continue
        const inner = pathOf(path, entry.name)
        if (index.settings.ignored(inner, true)) index.ignoredDirectories.add(inner)
        else stack.push(inner)
      }
    } catch (error) {
      reportUnreadable(index, path, error)
    }
  }
}

/** The directories of the index from the root down, as if the root were at `path`. */
export function * directoriesOf (index: FileIndex, path: string): Generator<string> {
  const queue: [node: Node | undefined, path: string][] = [[index.nodeAt(index.root), path]]
  for (const [node, at] of queue) {
    if (!isDirectory(node)) continue
    yield at
    for (const name of node.children.names()) {
      const child = node.children.get(name)
      if (isDirectory(child)) queue.push([child, pathOf(at, name)])
    }
  }
}

/** Applies changed ignore rules to the whole index. Every other difference is reported. */
export function applyRules (index: FileIndex): Generator<void> {
  index.crawl.readingMs = 0
  index.ignoredDirectories.clear()
  return compare(index, index.root, { deep: true, rejudge: true })
}

/** Compares the paths of a set that no event tells about: links to files, or what could not be read. Vanished ones leave the set. */
export function * compareEach (index: FileIndex, paths: Set<string>): Generator<void> {
  for (const path of paths) {
    if (statPath(path, false).kind === 'missing') paths.delete(path)
    yield * compare(index, path)
  }
}
