// The body of `POST /open` -> a place in a file of the project, or a refusal. Paths that could leave the machine are refused before the disk is read.
import { realpath, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isWithin } from '../../shared/paths.js'

export interface SourceLocation {
  /** Without symbolic links: the editor opens exactly the file that was checked. */
  readonly file: string
  readonly line: number
  readonly column: number
}

export interface Refusal {
  readonly status: 400 | 403 | 404
  readonly message: string
}

export interface Project {
  /** Directory that relative paths start from. */
  readonly cwd: string
  /** Absolute directories and files that may be opened. */
  readonly places: readonly string[]
}

const MAX_POSITION = 1e7
const MAX_PATH_LENGTH = 4096
const OUTSIDE: Refusal = { status: 403, message: 'that file is outside of the project' }
const MISSING: Refusal = { status: 404, message: 'there is no such file' }

export const isRefusal = (found: SourceLocation | Refusal): found is Refusal => 'status' in found

export async function findLocation ({ file, line = 1, column = 1 }: Record<string, unknown>, { cwd, places }: Project, windows = process.platform === 'win32'): Promise<SourceLocation | Refusal> {
  if (typeof file !== 'string' || file === '' || file.length > MAX_PATH_LENGTH) return bad('`file` must be a path')
  if (!isPosition(line) || !isPosition(column)) return bad(`\`line\` and \`column\` must be whole numbers from 1 to ${MAX_POSITION}`)
  const path = toPath(file, windows)
  if (path === undefined) return bad('`file` must be a plain path')
  const wanted = resolve(cwd, path)
  if (!places.some(place => isWithin(place, wanted))) return OUTSIDE
  try {
    const real = await realpath(wanted)
    const homes = await Promise.all(places.map(place => realpath(place).catch(() => place)))
    if (!homes.some(home => isWithin(home, real))) return OUTSIDE
    return (await stat(real)).isFile() ? { file: real, line, column } : MISSING
  } catch {
    return MISSING
  }
}

/** `undefined` for shares, devices, streams of a file and control bytes. */
function toPath (file: string, windows: boolean): string | undefined {
  if (file.includes('\0') || /^[\\/]{2}/.test(file)) return undefined
  if (windows && (/^(?![a-z]:)[^:]*:|^[a-z]:.*:/i.test(file) || /(^|[\\/])(con|prn|aux|nul|com\d|lpt\d)([.:\\/]|$)/i.test(file))) return undefined
  if (!/^file:/i.test(file)) return file
  try {
    const url = new URL(file)
    return url.host === '' ? toPath(fileURLToPath(url), windows) : undefined
  } catch {
    return undefined
  }
}

function isPosition (value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= MAX_POSITION
}

function bad (message: string): Refusal {
  return { status: 400, message }
}
