// The shape of the index: a tree of directories and files.
import { basename, sep } from 'node:path'
import { Children } from './children.js'

/** Of a file, the row of its fingerprint. */
export type Node = DirectoryNode | number

export interface DirectoryNode {
  id: string
  readonly children: Children<Node>
  /** Names that were ignored when first seen, and whether as a directory. They stay so until rules or their kind change: a rule that answers differently each time would report changes forever. */
  readonly ignored: Map<string, boolean>
  /** Its names were read at least once. */
  listed: boolean
  removed: boolean
  /** It existed before the watch saw it, so the first listing reports no changes. */
  silent: boolean
}

/** A name in a directory of the index. There may be no node for it yet. */
export interface Entry { readonly parent: DirectoryNode, readonly name: string, readonly path: string }

export function createDirectory (id: string, silent = false): DirectoryNode {
  return { id, children: new Children(), ignored: new Map(), listed: false, removed: false, silent }
}

export function isDirectory (node: Node | undefined): node is DirectoryNode {
  return typeof node === 'object'
}

/** The path of a name in a directory. `join()` would take the path apart and put it together again, for every file of a scan. */
export function pathOf (directory: string, name: string): string {
  return directory.endsWith(sep) ? directory + name : directory + sep + name
}

/** Returns the entry of `path`, or that of the topmost directory above it which the index does not hold; `undefined` outside of the root. */
export function locate (top: DirectoryNode, root: string, path: string): Entry | undefined {
  const prefix = root.endsWith(sep) ? root : root + sep
  if (path !== root && !path.startsWith(prefix)) return undefined
  let [parent, name, end] = [top, basename(root), root.length]
  for (let start = prefix.length; start < path.length; start = end + 1) {
    const child = parent.children.get(name)
    const next = path.indexOf(sep, start)
    if (!isDirectory(child) || next === start) break
    end = next === -1 ? path.length : next
    parent = child
    name = path.slice(start, end)
  }
  return { parent, name, path: path.slice(0, end) }
}
