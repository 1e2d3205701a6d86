// One look at one path: what is there, and with which content.
import { hash } from 'node:crypto'
import { lstatSync, readFileSync, statSync, type Stats } from 'node:fs'

/** Files up to this size are compared by content; above it size, mtime and inode decide. */
export const HASHED = 1024 * 1024
/** Content read this soon after a write may change again within one tick of the file system's clock. */
const RACY = 40

export interface Print {
  readonly size: number
  readonly mtime: number
  readonly ctime: number
  readonly ino: number
  /** Hash, when the file is small enough and was read. */
  readonly content: string | undefined
  readonly racy: boolean
}

export type Sight =
  | { readonly kind: 'none' }
  | { readonly kind: 'unknown', readonly code: string }
  | { readonly kind: 'other', readonly link: boolean }
  | { readonly kind: 'directory', readonly id: string }
  | { readonly kind: 'file', readonly link: boolean, readonly stat: Stats }

const QUIETLY = { throwIfNoEntry: false } as const

/** Links are followed to files; a link to a directory only where the caller asks (a root). */
export function sight (path: string, follow: boolean): Sight {
  try {
    let stat = lstatSync(path, QUIETLY)
    if (stat === undefined) return { kind: 'none' }
    const link = stat.isSymbolicLink()
    if (link) stat = statSync(path, QUIETLY)
    if (stat?.isFile()) return { kind: 'file', link, stat }
    if (stat?.isDirectory() && (follow || !link)) return { kind: 'directory', id: identify(stat) }
    return follow && stat === undefined ? { kind: 'none' } : { kind: 'other', link }
  } catch (error) {
    const code = codeOf(error)
    if (isGone(code)) return { kind: 'none' }
    return code === 'ELOOP' ? { kind: 'other', link: true } : { kind: 'unknown', code }
  }
}

/** Inodes are used again at once after a removal; the time of birth tells the two apart. */
export function identify (stat: Stats): string {
  return `${stat.dev}:${stat.ino}:${stat.birthtimeMs}`
}

/** `undefined` when the file went away meanwhile. */
export function takePrint (path: string, stat: Stats, read: boolean): Print | undefined {
  const { size, mtimeMs: mtime, ctimeMs: ctime, ino } = stat
  let content: string | undefined
  const racy = Math.abs(Date.now() - Math.max(mtime, ctime)) < RACY
  if (read && size <= HASHED) {
    try {
      content = hash('sha1', readFileSync(path), 'base64')
    } catch (error) {
      if (isGone(codeOf(error))) return undefined
    }
  }
  return { size, mtime, ctime, ino, content, racy }
}

/** Nothing in the file's metadata says that it was touched. */
export function untouched (print: Print, stat: Stats): boolean {
  return print.size === stat.size && print.mtime === stat.mtimeMs && print.ctime === stat.ctimeMs && print.ino === stat.ino
}

/** By content where both are known, else by what the metadata says of content. Inequality only: clocks may be wrong. */
export function differs (a: Print | undefined, b: Print | undefined): boolean {
  if (a === undefined || b === undefined) return a !== b
  if (a.content !== undefined && b.content !== undefined) return a.content !== b.content
  return a.size !== b.size || a.mtime !== b.mtime || a.ino !== b.ino
}

export function codeOf (error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'UNKNOWN'
}

export function isGone (code: string): boolean {
  return code === 'ENOENT' || code === 'ENOTDIR'
}
