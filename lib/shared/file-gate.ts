// Which files below a root may be served: judged by their names, and by where links lead. Development folders hold secrets.
import { accessSync, constants, existsSync, readdirSync, readlinkSync, realpathSync, statSync, type Stats } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { statFingerprint } from './fingerprint.js'
import { isWithin } from './paths.js'

/** File names that are never served: key material, and what editors and tools leave behind. `*` is any run of characters; case does not matter. */
export const deniedFiles: readonly string[] = [
  '*.key', '*.pem', '*.crt', '*.cer', '*.der', '*.p12', '*.pfx', '*.p8', '*.jks', '*.keystore', '*.ppk', '*.kdbx',
  'id_rsa', 'id_dsa', 'id_ecdsa', 'id_ed25519',
  '*~', '#*#', '*.swp', '*.swo', '*.swn', '*.swx', '*.bak', '*.orig', '*.rej', '*___jb_tmp___', '*___jb_old___', '*.kate-swp',
  'npm-debug.log*', 'yarn-debug.log*', 'yarn-error.log*', 'pnpm-debug.log*', 'lerna-debug.log*'
]

export type Dotfiles = 'allow' | 'deny' | 'ignore'

export interface GuardedRoot {
  /** Absolute; may itself be a link. */
  readonly path: string
  readonly followSymlinks: boolean
  readonly dotfiles: Dotfiles
}

/** 404 hides that there is such a file. */
export interface Refusal {
  readonly status: 403 | 404
  readonly reason: string
}

// Without `.*` at either end, which would be tried for every name of every request.
const DENIED = new RegExp(deniedFiles.map(glob => `^${glob.replace(/[.$]/g, '\\$&').replaceAll('*', '.*')}$`.replace(/^\^\.\*|\.\*\$$/g, '')).join('|'), 'i')
const WINDOWS_ALIAS = /:|[. ]$|^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[\d¹²³])(?:\.|$)/i
const CONTROL = /[\0-\x1f\x7f]/ // eslint-disable-line no-control-regex
const MISSING = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG'])
/** What has passed before, by its fingerprint: a link that is pointed elsewhere has that of another file. */
const passed = new WeakMap<GuardedRoot, Map<string, string>>()
const MAX_PASSED = 10_000
/** Where Linux says what a descriptor has opened. No other system does. */
const OPEN_FILES = existsSync('/proc/self/fd') ? '/proc/self/fd' : undefined
const UNREADABLE = new Set(['EACCES', 'EPERM', 'ELOOP'])

/** The names in a decoded path without a slash at its beginning; empty for the root itself. `undefined` when the path is not in its shortest form. */
export function splitPath (path: string): string[] | undefined {
  const names = path.replace(/\/$/, '').split('/')
  if (path === '') return []
  return names.some(name => name === '' || name === '.' || name === '..' || name.includes('\\') || CONTROL.test(name)) ? undefined : names
}

/** Judges names, whether they come from a URL or from the target of a link. */
export function checkNames (names: readonly string[], dotfiles: Dotfiles = 'ignore', windows = process.platform === 'win32'): Refusal | undefined {
  for (const [i, name] of names.entries()) {
    if (CONTROL.test(name) || (windows && WINDOWS_ALIAS.test(name))) return { status: 404, reason: 'the path has a name with a special meaning' }
    if (name[0] === '.' && dotfiles !== 'allow' && !(i === 0 && name === '.well-known')) return { status: dotfiles === 'deny' ? 403 : 404, reason: 'names that begin with a dot are not served' }
    if (DENIED.test(name)) return { status: 403, reason: 'files of this name are never served; if your app needs it, give it a route of its own' }
  }
  return undefined
}

/** Judges a file or directory by its names and its real path. What does not exist is not refused. @throws errors of the disk */
export function checkFile (root: GuardedRoot, names: readonly string[], stat?: Stats): Refusal | undefined {
  return checkNames(names, root.dotfiles) ?? checkTarget(root, join(root.path, ...names), stat)
}

/** Judges `path`, which is below the root, by what it really is and by where it really lies. `seen`: its status, where the caller has just looked. */
export function checkTarget (root: GuardedRoot, path: string, seen?: Stats): Refusal | undefined {
  try {
    const stat = seen ?? statSync(path)
    const known = passed.get(root) ?? new Map<string, string>()
    const fingerprint = statFingerprint(stat)
    if (known.get(path) === fingerprint) return undefined
    if (!stat.isFile() && !stat.isDirectory()) return { status: 403, reason: 'it is not a plain file' }
    const real = realpathSync.native(path)
    accessSync(real, constants.R_OK)
    const refusal = checkSpelling(root.path, path) ?? checkRealPath(root, real)
    if (refusal !== undefined) return refusal
    if (known.size >= MAX_PASSED) known.clear()
    passed.set(root, known.set(path, fingerprint))
    return undefined
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code as string
    if (MISSING.has(code)) return undefined
    if (UNREADABLE.has(code)) return { status: 403, reason: 'it cannot be read' }
    throw error
  }
}

/** A disk that takes `A.html` for `a.html` has it under one name: a route of the app that guards that one is not asked about the other. */
function checkSpelling (base: string, path: string): Refusal | undefined {
  let folder = base
  for (const name of relative(base, path).split(sep)) {
    if (name !== '' && !readdirSync(folder).includes(name)) return { status: 403, reason: 'its name is spelled differently on disk' }
    folder = join(folder, name)
  }
  return undefined
}

/** Judges a file that is open, because a link may have been pointed elsewhere since `checkFile`. Nothing catches an error here: callers listen for events. */
export function checkOpened (root: GuardedRoot, fd: number): Refusal | undefined {
  if (OPEN_FILES === undefined) return undefined
  try {
    return checkRealPath(root, readlinkSync(`${OPEN_FILES}/${fd}`).replace(/ \(deleted\)$/, ''))
  } catch {
    return { status: 403, reason: 'its root was moved or removed while it was opened' }
  }
}

function checkRealPath (root: GuardedRoot, real: string): Refusal | undefined {
  if (root.followSymlinks) return undefined
  // A root that begins the real path has no link in its own: it need not be resolved.
  const base = isWithin(root.path, real) ? root.path : realpathSync.native(root.path)
  if (!isWithin(base, real)) return { status: 403, reason: 'a link leads out of the root; set `followSymlinks: true` on that root to allow it' }
  return checkNames(relative(base, real).split(sep), root.dotfiles) && { status: 403, reason: 'a link leads to a file that is never served' }
}
