// The shape of the index: directories, files, and ways through them.
import { basename, join, sep } from 'node:path'
import type { Print } from './content.js'

export interface FileNode { readonly kind: 'file', readonly print: Print }

export interface DirectoryNode {
  readonly kind: 'directory'
  id: string
  readonly children: Map<string, FileNode | DirectoryNode>
  /** Ignored names: decided once, so that a rule that flickers does not make files come and go. */
  readonly skipped: Set<string>
  /** Its names were read at least once. */
  read: boolean
  gone: boolean
  /** It was there before it was seen (first crawl, or ignored until now): what the first reading finds is no change. */
  quiet: boolean
}

export interface Spot { readonly parent: DirectoryNode, readonly name: string, readonly path: string }

export function createDirectory (id: string, quiet = false): DirectoryNode {
  return { kind: 'directory', id, children: new Map(), skipped: new Set(), read: false, gone: false, quiet }
}

/** The deepest known directory above a path, and the name below it to look at; `undefined` outside of the root. */
export function locate (top: DirectoryNode, root: string, path: string): Spot | undefined {
  const prefix = root.endsWith(sep) ? root : root + sep
  if (path !== root && !path.startsWith(prefix)) return undefined
  const names = path === root ? [] : path.slice(prefix.length).split(sep)
  let [parent, name, at] = [top, basename(root), root]
  for (const next of names) {
    const child = parent.children.get(name)
    if (child?.kind !== 'directory') break
    ;[parent, name, at] = [child, next, join(at, next)]
  }
  return { parent, name, path: at }
}

/** Every node, parents first. The one at hand may be removed. */
export function * every (top: DirectoryNode, base: string): Generator<Spot & { readonly node: FileNode | DirectoryNode }> {
  const stack: [DirectoryNode, string][] = [[top, base]]
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const [parent, at] = next
    for (const [name, node] of parent.children) {
      const path = join(at, name)
      yield { parent, name, path, node }
      if (node.kind === 'directory' && parent.children.get(name) === node) stack.push([node, path])
    }
  }
}
