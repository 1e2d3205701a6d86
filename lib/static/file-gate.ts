// Where a name really leads on disk: only to plain files inside the root, also when links are swapped meanwhile.
import { constants, existsSync, fstat as fstatCallback, fstatSync, realpath as realpathCallback, type Stats } from 'node:fs'
import { readlink, stat } from 'node:fs/promises'
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
export const OPEN = constants.O_RDONLY | constants.O_NONBLOCK

const HAS_DESCRIPTORS = existsSync('/proc/self/fd')
const realpath = promisify(realpathCallback.native)
const fstat = promisify(fstatCallback) as (fd: number, options: { bigint: true }) => Promise<{ dev: bigint, ino: bigint }>

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

/** Both answer why `names` below the root may not be served, or `undefined` when they may. */
export interface FileGate {
  /** Judges by the real path. */
  objectTo (names: readonly string[], stat?: Stats): Promise<string | undefined>
  /** Judges a file already open, so that no link can be swapped between the check and the reading. */
  objectToOpen (names: readonly string[], fd: number): Promise<string | undefined>
}

export function createFileGate (root: GateRoot, hasDescriptors = HAS_DESCRIPTORS, most = 10_000): FileGate {
  // A file found inside stays inside: moved or replaced, it has another change time or another inode.
  const passed = new Map<string, Stats>()

  function isKnown (path: string, stat: Stats | undefined): boolean {
    const known = passed.get(path)
    return known !== undefined && stat !== undefined && known.ino === stat.ino && known.dev === stat.dev && known.ctimeMs === stat.ctimeMs
  }

  // Without /proc the path is resolved again, and must still lead to the open file.
  async function resolve (path: string, fd: number): Promise<string | undefined> {
    if (hasDescriptors) return (await readlink(`/proc/self/fd/${fd}`)).replace(/ \(deleted\)$/, '')
    const real = await realpath(path)
    const [open, found] = await Promise.all([fstat(fd, { bigint: true }), stat(real, { bigint: true })])
    return open.ino === found.ino && open.dev === found.dev && await realpath(path) === real ? real : undefined
  }

  return {
    async objectTo (names, stat) {
      const path = join(root.path, ...names)
      if (isKnown(path, stat)) return undefined
      const [base, real] = await Promise.all([realpath(root.path), realpath(path)])
      return judgeReal(root, base, real, names)
    },
    async objectToOpen (names, fd) {
      const path = join(root.path, ...names)
      const stat = fstatSync(fd)
      if (isKnown(path, stat)) return undefined
      const [base, real] = await Promise.all([realpath(root.path), resolve(path, fd)])
      if (real === undefined) return 'it was replaced while it was opened'
      const objection = judgeReal(root, base, real, names)
      if (objection !== undefined) return objection
      if (passed.size >= most) passed.clear()
      passed.set(path, stat)
    }
  }
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
