// What a page asks to open -> a file of the project, or a refusal. Paths that could leave the machine are refused before the disk is touched.
import { realpath, stat } from 'node:fs/promises'
import { isAbsolute, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface Place {
  /** Resolved through links: what is opened is what was judged. */
  readonly file: string
  readonly line: number
  readonly column: number
}

export interface Refusal {
  readonly status: 400 | 403 | 404
  readonly message: string
}

export interface Project {
  /** What a relative path is relative to. */
  readonly cwd: string
  /** Directories and files that belong to the project, absolute. */
  readonly places: readonly string[]
}

const MOST = 1e7
const LONGEST = 4096
const OUTSIDE: Refusal = { status: 403, message: 'that file is outside of the project' }
const MISSING: Refusal = { status: 404, message: 'there is no such file' }

export const isRefusal = (found: Place | Refusal): found is Refusal => 'status' in found

export async function findPlace (body: unknown, { cwd, places }: Project, windows = process.platform === 'win32'): Promise<Place | Refusal> {
  if (typeof body !== 'object' || body === null) return bad('a JSON object with `file` is expected')
  const { file, line = 1, column = 1 } = body as Record<string, unknown>
  if (typeof file !== 'string' || file === '' || file.length > LONGEST) return bad('`file` must be a path')
  if (!isPosition(line) || !isPosition(column)) return bad(`\`line\` and \`column\` must be whole numbers from 1 to ${MOST}`)
  const path = toPath(file, windows)
  if (path === undefined) return bad('`file` must be a plain path')
  const wanted = resolve(cwd, path)
  if (!isWithin(places, wanted)) return OUTSIDE
  try {
    const real = await realpath(wanted)
    const homes = await Promise.all(places.map(place => realpath(place).catch(() => place)))
    if (!isWithin(homes, real)) return OUTSIDE
    return (await stat(real)).isFile() ? { file: real, line, column } : MISSING
  } catch {
    return MISSING
  }
}

/** `undefined` for what is no path on this machine: shares, devices, streams of a file, control bytes. */
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
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= MOST
}

function isWithin (places: readonly string[], path: string): boolean {
  return places.some(place => {
    const way = relative(place, path)
    return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)
  })
}

function bad (message: string): Refusal {
  return { status: 400, message }
}
