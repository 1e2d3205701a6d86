// Which file answers a path: the file itself, an index file, a name with an extension added. It only looks, the gate judges.
import type { Stats } from 'node:fs'
import { extname, join } from 'node:path'
import { look, type Unseen } from './file-gate.js'

export interface Places {
  readonly path: string
  readonly index: readonly string[]
  readonly extensions: readonly string[]
  readonly redirect: boolean
  readonly listed: boolean
}

export interface FoundFile {
  readonly kind: 'file'
  readonly names: readonly string[]
  readonly path: string
  readonly stat: Stats
}

export type Found =
  | FoundFile
  /** A directory: `redirect` to its URL with a slash, or `list` it. */
  | { readonly kind: 'redirect' | 'list' }
  | Exclude<Unseen, { kind: 'directory' }>

export async function findFile (root: Places, names: readonly string[], directory: boolean): Promise<Found> {
  if (directory) return findIndex(root, names)
  const seen = await lookAt(root, names)
  if (seen.kind === 'directory') {
    const index = await findIndex(root, names)
    return root.redirect && (index.kind === 'file' || index.kind === 'list') ? { kind: 'redirect' } : index
  }
  return seen.kind === 'missing' ? findExtended(root, names) : seen
}

async function findIndex (root: Places, names: readonly string[]): Promise<Found> {
  for (const index of root.index) {
    const seen = await lookAt(root, [...names, index])
    if (seen.kind === 'file' || seen.kind === 'refused') return seen
  }
  if (root.listed && (await lookAt(root, names)).kind === 'directory') return { kind: 'list' }
  return { kind: 'missing' }
}

async function findExtended (root: Places, names: readonly string[]): Promise<Found> {
  const last = names[names.length - 1] as string
  if (extname(last) !== '') return { kind: 'missing' }
  for (const extension of root.extensions) {
    const seen = await lookAt(root, [...names.slice(0, -1), `${last}.${extension}`])
    if (seen.kind === 'file' || seen.kind === 'refused') return seen
  }
  return { kind: 'missing' }
}

async function lookAt (root: Places, names: readonly string[]): Promise<FoundFile | Unseen> {
  const path = join(root.path, ...names)
  const seen = await look(path)
  return seen.kind === 'file' ? { kind: 'file', names, path, stat: seen.stat } : seen
}
