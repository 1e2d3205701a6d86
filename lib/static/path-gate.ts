// Which URLs may name a file at all: decided once, by text alone, before the disk is touched. Pure.

/** File names that are never served: key material, what editors and tools leave behind. `*` is any run of characters; case does not matter. */
export const deniedFiles: readonly string[] = [
  '*.key', '*.pem', '*.crt', '*.cer', '*.der', '*.p12', '*.pfx', '*.p8', '*.jks', '*.keystore', '*.ppk', '*.kdbx',
  'id_rsa', 'id_dsa', 'id_ecdsa', 'id_ed25519',
  '*~', '#*#', '*.swp', '*.swo', '*.swn', '*.swx', '*.bak', '*.orig', '*.rej', '*___jb_tmp___', '*___jb_old___', '*.kate-swp',
  'npm-debug.log*', 'yarn-debug.log*', 'yarn-error.log*', 'pnpm-debug.log*', 'lerna-debug.log*'
]

export type Dotfiles = 'allow' | 'deny' | 'ignore'

export interface Refusal {
  readonly ok: false
  readonly status: 400 | 403 | 404
  readonly reason: string
}

export interface Target {
  readonly ok: true
  /** Decoded, without the prefix and without the slash at the end; empty for the root itself. */
  readonly names: readonly string[]
  /** The URL ended with a slash: a directory is meant. */
  readonly directory: boolean
}

const DENIED = new RegExp(`^(?:${deniedFiles.map(glob => glob.replace(/[.$]/g, '\\$&').replaceAll('*', '.*')).join('|')})$`, 'i')
const CONTROL = /[\0-\x1f\x7f]/ // eslint-disable-line no-control-regex
const WINDOWS_ALIAS = /:|[. ]$|^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[\d¹²³])(?:\.|$)/i
const LONGEST = 4096

/** `depth` is how many segments of the path belong to the prefix. */
export function judgeTarget (url: string, depth: number, dotfiles: Dotfiles = 'ignore', windows = process.platform === 'win32'): Target | Refusal {
  const query = url.indexOf('?')
  const path = query === -1 ? url : url.slice(0, query)
  if (path.length > LONGEST) return refuse(404, 'the path is too long')
  if (path[0] !== '/' || path.includes('#')) return refuse(400, 'the target is not a path')
  const segments = decode(path)
  if (segments === undefined) return refuse(400, 'the path is not valid percent-encoded UTF-8')
  const directory = segments[segments.length - 1] === ''
  if (directory) segments.pop()
  for (const segment of segments) {
    if (CONTROL.test(segment)) return refuse(400, 'the path has control characters')
    if (segment === '' || segment === '.' || segment === '..') return refuse(403, 'the path is not in its shortest form')
    if (segment.includes('/') || segment.includes('\\')) return refuse(403, 'the path has an encoded separator')
    if (windows && WINDOWS_ALIAS.test(segment)) return refuse(404, 'the path has a name with a special meaning')
  }
  const names = segments.slice(depth)
  return judgeNames(names, dotfiles) ?? { ok: true, names, directory: directory || names.length === 0 }
}

/** Judges names whatever they came from: a URL, or where a link leads. */
export function judgeNames (names: readonly string[], dotfiles: Dotfiles = 'ignore'): Refusal | undefined {
  for (const [i, name] of names.entries()) {
    if (name[0] === '.' && dotfiles !== 'allow' && !(i === 0 && name === '.well-known')) return refuse(dotfiles === 'deny' ? 403 : 404, 'names that begin with a dot are not served')
    if (DENIED.test(name)) return refuse(403, 'files of this name are never served (see `deniedFiles`); give it a route of its own if it must be')
  }
  return undefined
}

function decode (path: string): string[] | undefined {
  const segments = path.slice(1).split('/')
  if (!path.includes('%')) return segments
  try {
    return segments.map(decodeURIComponent)
  } catch {
    return undefined
  }
}

function refuse (status: Refusal['status'], reason: string): Refusal {
  return { ok: false, status, reason }
}
