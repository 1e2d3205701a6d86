// The index of one root: what was last seen on disk. Each visit is one truthful look at one name, so passes may interleave.
import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { codeOf, differs, HASHED, isGone, sight, takePrint, untouched, type Print } from './content.js'
import { createDirectory, every, locate, type DirectoryNode, type FileNode } from './nodes.js'
import { walk } from './walk.js'

export interface TreeSettings {
  readonly root: string
  ignored (path: string, directory: boolean): boolean
  note (path: string, before: Print | undefined, after: Print | undefined): void
  /** A path that is there and can not be read. */
  unreadable (path: string, code: string): void
  /** The first crawl began then (`Date.now()`): what it finds is no change unless it was touched later. */
  readonly started: number
}

/** Milliseconds the first crawl may spend on content before the rest is left to `fill`. */
const CRAWL_READING = 60
/** Files up to this size are read on every hint, whatever their metadata says. */
const ALWAYS_READ = 64 * 1024

export type Tree = ReturnType<typeof createTree>

export function createTree ({ root, ignored, note: noteOutside, unreadable, started }: TreeSettings) {
  const base = dirname(root)
  const top = createDirectory('')
  /** Directories found since the last `takeFresh`: nobody knows yet whether the system watches them. */
  let fresh = new Map<string, string>()
  let known: ReadonlyMap<string, string> = new Map()
  const links = new Set<string>()
  const blocked = new Set<string>()
  const pruned = new Set<string>()
  const odd = new Set<string>()
  let files = 0
  let reading = 0
  let crawling = true
  let revision = 0

  function note (path: string, before: Print | undefined, after: Print | undefined): void {
    revision++
    noteOutside(path, before, after)
  }

  function visit (parent: DirectoryNode, name: string, path: string, silent = false, force = false): void {
    const old = parent.children.get(name)
    if (old === undefined && parent.skipped.has(name)) return
    const seen = sight(path, parent === top)
    if (seen.kind === 'unknown') return block(path, seen.code)
    if (seen.kind !== 'directory') blocked.delete(path)
    if (old === undefined && seen.kind !== 'none' && ignored(path, seen.kind === 'directory')) {
      parent.skipped.add(name)
      if (seen.kind === 'directory') pruned.add(path)
      return
    }
    if ('link' in seen && seen.link) links.add(path)
    else links.delete(path)
    if (seen.kind === 'none' || seen.kind === 'other') return forget(parent, name, path, silent)
    if (seen.kind === 'directory') {
      if (old?.kind === 'directory' && old.id === seen.id) return
      if (known.get(path) !== seen.id) fresh.set(path, seen.id)
      if (old?.kind === 'directory') {
        old.id = seen.id
        old.read = false
      } else {
        forget(parent, name, path, silent)
        parent.children.set(name, createDirectory(seen.id, silent))
      }
      return
    }
    const before = old?.kind === 'file' ? old.print : undefined
    const same = before !== undefined && untouched(before, seen.stat)
    if (same && !before.racy && !force) return
    const began = performance.now()
    const after = takePrint(path, seen.stat, !silent || reading < CRAWL_READING)
    if (silent) reading += performance.now() - began
    if (after === undefined) return forget(parent, name, path, silent)
    if (old?.kind === 'directory') forget(parent, name, path, silent)
    if (before === undefined) files++
    parent.children.set(name, { kind: 'file', print: after })
    if (same && before.content === undefined) return
    if (!differs(before, after)) return
    if (!silent) note(path, before, after)
    else if (crawling && after.ctime > started && after.ctime < Date.now() + 50) {
      // Changed while the first crawl was under way: a page may have been made from what was there before.
      note(path, seen.stat.birthtimeMs < started ? { ...after, size: -1, content: '' } : undefined, after)
    }
  }

  function forget (parent: DirectoryNode, name: string, path: string, silent: boolean): void {
    const old = parent.children.get(name)
    parent.skipped.delete(name)
    if (old === undefined) return
    parent.children.delete(name)
    if (old.kind === 'file') {
      files--
      if (!silent) note(path, old.print, undefined)
      return
    }
    old.gone = true
    blocked.delete(path)
    for (const child of old.children.keys()) forget(old, child, join(path, child), silent)
  }

  function block (path: string, code: string): void {
    if (blocked.has(path)) return
    blocked.add(path)
    unreadable(path, code)
  }

  function namesOf (path: string): Set<string> | undefined {
    try {
      return new Set(readdirSync(path))
    } catch (error) {
      const code = codeOf(error)
      if (!isGone(code)) block(path, code)
      return undefined
    }
  }

  /** Reads the names of a directory; those that are new or (`deep`) known are read as well. Ignored ones are judged `anew`, silently. */
  function * scan (first: DirectoryNode, at: string, deep: boolean, silent: boolean, anew: boolean): Generator<void> {
    const stack: [DirectoryNode, string][] = [[first, at]]
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      const [node, path] = next
      const names = namesOf(path)
      if (names === undefined) {
        node.quiet = false
        continue
      }
      if (blocked.delete(path)) fresh.set(path, node.id)
      node.read = true
      for (const name of node.skipped) if (!names.has(name)) node.skipped.delete(name)
      for (const name of node.children.keys()) names.add(name)
      for (const name of names) {
        if (node.gone) break
        const inner = join(path, name)
        const shown = anew && node.skipped.delete(name)
        visit(node, name, inner, silent || node.quiet || shown)
        if (name.includes('\uFFFD') && !odd.has(inner) && sight(inner, false).kind === 'none') {
          odd.add(inner)
          unreadable(inner, 'EILSEQ')
        }
        const child = node.children.get(name)
        if (child?.kind === 'directory' && (deep || !child.read)) stack.push([child, inner])
        yield
      }
      node.quiet = false
    }
  }

  /** Looks at one path, at a directory with everything below it (`deep`) or with its names only. */
  function * look (path: string, { deep = false, silent = false, force = false, anew = false } = {}): Generator<void> {
    const found = locate(top, root, path)
    if (found === undefined) return
    const { parent, name, path: at } = found
    visit(parent, name, at, silent, force && isSmall(at))
    const child = parent.children.get(name)
    if (child?.kind === 'directory') yield * scan(child, at, deep, silent, anew)
    else if (child === undefined && parent !== top && sight(dirname(at), false).kind === 'none') yield * look(dirname(at))
  }

  function nodeAt (path: string): FileNode | DirectoryNode | undefined {
    const found = locate(top, root, path)
    return found?.path === path ? found.parent.children.get(found.name) : undefined
  }

  function isSmall (path: string): boolean {
    const node = nodeAt(path)
    return node?.kind === 'file' && node.print.size <= ALWAYS_READ
  }

  return {
    look,

    /** Finds directories and ignored ones, nothing else: what a backend needs before it is opened. */
    walk: () => walk(root, ignored, { directory: (path, id) => fresh.set(path, id), ignored: path => pruned.add(path), unreadable: block }),

    /** Content of the files the first crawl only took the metadata of. */
    * fill (): Generator<void> {
      for (const { parent, name, path, node } of every(top, base)) {
        if (node.kind === 'file' && node.print.content === undefined && node.print.size <= HASHED) visit(parent, name, path, false, true)
        yield
      }
    },

    /** Applies changed ignore rules: what they now hide or show is no change on disk. Whatever else has changed is told. */
    * reconsider (): Generator<void> {
      crawling = false
      reading = 0
      pruned.clear()
      yield * look(root, { deep: true, anew: true })
      for (const { parent, name, path, node } of every(top, base)) {
        const directory = node.kind === 'directory'
        if (ignored(path, directory)) {
          forget(parent, name, path, true)
          parent.skipped.add(name)
          if (directory) pruned.add(path)
        }
        yield
      }
    },

    /** Directories found since the last call, which count as watched from now on, if the root is opened now. */
    takeFresh (): ReadonlyMap<string, string> {
      known = fresh
      fresh = new Map()
      return known
    },

    /** Something happened to a directory itself: whether it is watched is unknown again. */
    doubt (path: string): void {
      const node = nodeAt(path)
      if (node?.kind === 'directory') fresh.set(path, node.id)
    },

    /** Links to files tell nothing when their target changes. */
    * follow (): Generator<void> {
      for (const path of links) {
        if (sight(path, false).kind === 'none') links.delete(path)
        yield * look(path)
      }
    },

    /** What could not be read may be readable now. */
    * retry (): Generator<void> {
      for (const path of blocked) {
        if (sight(path, false).kind === 'none') blocked.delete(path)
        yield * look(path)
      }
    },

    /** Names in a directory. */
    width (path: string): number {
      const node = nodeAt(path)
      return node?.kind === 'directory' ? node.children.size + node.skipped.size : 0
    },

    has: (path: string): boolean => nodeAt(path)?.kind === 'file',
    hasFresh: (): boolean => fresh.size > 0,
    files: (): number => files,
    /** Grows with every difference. */
    revision: (): number => revision,
    blocked: (): ReadonlySet<string> => blocked,
    pruned: (): ReadonlySet<string> => pruned
  }
}
