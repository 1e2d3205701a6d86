// Where a name really leads on disk: only to plain files inside the root, also when links are swapped meanwhile.
import { constants, existsSync, fstat, readlink, realpath as realpathCallback, type Stats } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { promisify } from 'node:util'
import type { Dotfiles } from './path-gate.js'
import { judgeNames } from './path-gate.js'

export type Seen =
  | { readonly kind: 'file', readonly stat: Stats }
  | Unseen

/** Nothing to send. */
export type Unseen =
  | { readonly kind: 'directory' }
  | { readonly kind: 'missing' }
  | { readonly kind: 'refused', readonly reason: string }

export interface GateRoot {
  readonly path: string
  readonly followSymlinks: boolean
  readonly dotfiles: Dotfiles
}

/** Opening a FIFO must not wait for a writer; Windows knows no such flag. */
export const OPEN = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)

const realpath = promisify(realpathCallback.native)
const statOf = promisify(fstat) as (fd: number, options: { bigint: true }) => Promise<{ dev: bigint, ino: bigint }>
const target = promisify(readlink)
const HAS_DESCRIPTORS = existsSync('/proc/self/fd')

export async function look (path: string): Promise<Seen> {
  try {
    const stats = await stat(path)
    if (stats.isFile()) return { kind: 'file', stat: stats }
    return stats.isDirectory() ? { kind: 'directory' } : { kind: 'refused', reason: 'it is not a plain file' }
  } catch (error) {
    return whyNot(error)
  }
}

/** What an error of the file system means to somebody who asked for a file. @throws any other error */
export function whyNot (error: unknown): Exclude<Unseen, { kind: 'directory' }> {
  const { code } = error as NodeJS.ErrnoException
  if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG') return { kind: 'missing' }
  if (code === 'EACCES' || code === 'EPERM' || code === 'ELOOP' || code === 'ENXIO') return { kind: 'refused', reason: 'it cannot be read' }
  throw error
}

/** Why `names` below the root may not be served, judged by the real path; `undefined` when they may. */
export async function objectTo (root: GateRoot, names: readonly string[]): Promise<string | undefined> {
  const [base, real] = await Promise.all([realpath(root.path), realpath(join(root.path, ...names))])
  return judgeReal(root, base, real, names)
}

/**
 * The same for a file already open, so that no link can be swapped between the check and the reading.
 * Without /proc the path is resolved again and must still lead to the open file.
 */
export async function objectToOpen (root: GateRoot, names: readonly string[], fd: number, path: string, byDescriptor = HAS_DESCRIPTORS): Promise<string | undefined> {
  const base = await realpath(root.path)
  if (byDescriptor) return judgeReal(root, base, (await target(`/proc/self/fd/${fd}`)).replace(/ \(deleted\)$/, ''), names)
  const real = await realpath(path)
  const [open, found] = await Promise.all([statOf(fd, { bigint: true }), stat(real, { bigint: true })])
  if (open.ino !== found.ino || open.dev !== found.dev || await realpath(path) !== real) return 'it was replaced while it was opened'
  return judgeReal(root, base, real, names)
}

/** Pure: all paths are real ones, but for `names`. */
export function judgeReal (root: GateRoot, base: string, real: string, names: readonly string[]): string | undefined {
  const inside = real === base || real.startsWith(base.endsWith(sep) ? base : base + sep)
  const found = inside ? real.slice(base.length).split(sep).filter(name => name !== '') : []
  if (inside && isSame(found, names)) return undefined
  if (inside && isSame(found.map(fold), names.map(fold))) return 'its name is spelled otherwise on disk'
  if (root.followSymlinks) return undefined
  if (!inside) return 'a link leads out of the root; set `followSymlinks: true` on that root to allow it'
  return judgeNames(found, root.dotfiles) && 'a link leads to a file that is never served'
}

// Some systems store accents decomposed: the same name all the same.
function isSame (a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, i) => name === b[i] || name.normalize() === b[i]?.normalize())
}

function fold (name: string): string {
  return name.normalize().toLowerCase()
}
