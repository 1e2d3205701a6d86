// What is at a path now, and whether the content of a file differs from before.
import { hash } from 'node:crypto'
import { closeSync, fstatSync, lstatSync, openSync, readFileSync, readSync, statSync, type Stats } from 'node:fs'

/** Files up to this size are compared by content. Larger ones are compared by size, modification time and inode. */
const MAX_HASHED_BYTES = 1024 * 1024
/** Larger files may arrive in pieces: they are reported when they have stopped changing. */
const MAX_ATOMIC_BYTES = 128 * 1024
/** A file read this soon after a write may change again without a new time stamp. */
const RACY_MS = 40
/** Of a hash in hexadecimal: 52 bits, which a number can hold. Contents of the same file only are compared. */
const HASH_CHARACTERS = 13
const DENIED = new Set(['EACCES', 'EPERM'])

const scratch = new Uint8Array(64 * 1024)

/** What the index knows of a file. */
export interface Fingerprint {
  readonly size: number
  readonly mtime: number
  readonly ctime: number
  readonly ino: number
  /** Hash of the content; `undefined` when the file is too large or was not read. */
  readonly content: number | undefined
  /** There was no right to read it. */
  readonly denied: boolean
  /** The file may have changed after it was read although its metadata stayed the same. */
  readonly racy: boolean
}

export type PathStat =
  | { readonly kind: 'missing' }
  | { readonly kind: 'unreadable', readonly code: string }
  | { readonly kind: 'other', readonly link: boolean }
  | { readonly kind: 'directory', readonly id: string, readonly link: boolean, readonly changedAt: number }
  /** `changedAt`: by the clock of the file system. Of a link and its target, the later one. */
  | { readonly kind: 'file', readonly stat: Stats, readonly link: boolean, readonly changedAt: number }

const QUIETLY = { throwIfNoEntry: false } as const

/** Follows links to files. Follows a link to a directory only when `follow` is set, as for a root. */
export function statPath (path: string, follow: boolean): PathStat {
  try {
    let stat = lstatSync(path, QUIETLY)
    if (stat === undefined) return { kind: 'missing' }
    const link = stat.isSymbolicLink()
    let changedAt = stat.ctimeMs
    if (link) {
      stat = statSync(path, QUIETLY)
      changedAt = Math.max(changedAt, stat?.ctimeMs ?? 0)
    }
    if (stat?.isFile()) return { kind: 'file', link, stat, changedAt }
    if (stat?.isDirectory() && (follow || !link)) return { kind: 'directory', link: false, id: directoryId(stat), changedAt }
    return follow && stat === undefined ? { kind: 'missing' } : { kind: 'other', link }
  } catch (error) {
    const code = errorCode(error)
    if (isMissing(code)) return { kind: 'missing' }
    return code === 'ELOOP' ? { kind: 'other', link: true } : { kind: 'unreadable', code }
  }
}

/** An inode number is used again soon after a removal. The time of birth tells the old directory from the new one. */
export function directoryId (stat: Stats): string {
  return `${stat.dev}:${stat.ino}:${stat.birthtimeMs}`
}

/**
 * The metadata is that after the content was read: with an older one, a write in between would look like the beginning.
 * Returns `undefined` when the file vanished after `stat` was taken.
 * @throws what the system cannot do now, such as `EMFILE`. A file without the right to read is known by its metadata.
 */
export function fingerprint (path: string, stat: Stats, readContent: boolean): Fingerprint | undefined {
  let content: number | undefined
  let denied = false
  let newest = stat
  if (readContent && stat.size <= MAX_HASHED_BYTES) {
    try {
      const found = read(path, stat.size)
      content = parseInt(hash('sha1', found.bytes, 'hex').slice(0, HASH_CHARACTERS), 16)
      newest = found.stat
    } catch (error) {
      const code = errorCode(error)
      if (isMissing(code)) return undefined
      if (!DENIED.has(code)) throw error
      denied = true
    }
  } else if (readContent) {
    denied = isDenied(path)
  }
  const { size, mtimeMs: mtime, ctimeMs: ctime, ino } = newest
  return { size, mtime, ctime, ino, content, denied, racy: Math.abs(Date.now() - Math.max(mtime, ctime)) < RACY_MS }
}

/** Whether there is no right to read a file that is too large to be read here. What else is wrong with it is no matter of the index. */
function isDenied (path: string): boolean {
  try {
    closeSync(openSync(path, 'r'))
    return false
  } catch (error) {
    return DENIED.has(errorCode(error))
  }
}

/** The content, until the next call. A save waits for it: `readFileSync()` asks for the size once more, and makes a buffer. */
function read (path: string, size: number): { readonly bytes: Uint8Array, readonly stat: Stats } {
  const file = openSync(path, 'r')
  try {
    const length = size < scratch.length ? readSync(file, scratch, 0, scratch.length, 0) : scratch.length
    // It is large, or has grown meanwhile.
    const bytes = length === scratch.length ? readFileSync(file) : scratch.subarray(0, length)
    return { bytes, stat: fstatSync(file) }
  } finally {
    closeSync(file)
  }
}

/** True when the metadata shows no sign of a write, a touch or a replacement. */
export function isUntouched (before: Fingerprint, stat: Stats): boolean {
  return before.size === stat.size && before.mtime === stat.mtimeMs && before.ctime === stat.ctimeMs && before.ino === stat.ino
}

/** The same of two looks, of which the second one is over. */
export function hasSameMetadata (a: Fingerprint, b: Fingerprint): boolean {
  return a.size === b.size && a.mtime === b.mtime && a.ctime === b.ctime && a.ino === b.ino
}

/** Compares content where both sides know it, else metadata. A file that can be read by now differs: what was made without it failed. Times are compared for equality only, because clocks may be wrong. */
export function differs (a: Fingerprint | undefined, b: Fingerprint | undefined): boolean {
  if (a === undefined || b === undefined) return a !== b
  if (a.denied && !b.denied) return true
  if (a.content !== undefined && b.content !== undefined) return a.content !== b.content
  return a.size !== b.size || a.mtime !== b.mtime || a.ino !== b.ino
}

/** It is surely not half written. */
export function isWhole (now: Fingerprint | undefined): boolean {
  return now !== undefined && now.size > 0 && now.size <= MAX_ATOMIC_BYTES
}

export function errorCode (error: unknown): string {
  return String((error as NodeJS.ErrnoException).code)
}

export function isMissing (code: string): boolean {
  return code === 'ENOENT' || code === 'ENOTDIR'
}
