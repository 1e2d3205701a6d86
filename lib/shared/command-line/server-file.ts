// Where the command line finds running servers: a file for each, which only the user can read. It holds the address and the token.
import { createHash } from 'node:crypto'
import type { Stats } from 'node:fs'
import { lstat, mkdir, readdir, readFile, rename, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface ServerRecord {
  /** Working directory of the server. */
  readonly cwd: string
  readonly pid: number
  /** `app.liveReload.epoch`: an answer without it comes from another program. */
  readonly epoch: string
  readonly token: string
  /** Where the plugin's routes are: `http://127.0.0.1:3000/__live`. */
  readonly url: string
  /** The Unix socket of an app that listens on one. */
  readonly socket?: string
  /** The server may speak HTTP/2 only. */
  readonly http2?: true
}

export interface FoundServer extends ServerRecord {
  /** Its file. */
  readonly file: string
}

/** A directory or a file that cannot be trusted, and what to do. */
export class NotPrivate extends Error {}

/** The user's runtime directory, and one in the directory for temporary files where there is none. */
export function serverDirectories (env: NodeJS.ProcessEnv = process.env): string[] {
  const own = join(tmpdir(), `fastify-live-reload-${process.getuid?.() ?? 'user'}`)
  return env.XDG_RUNTIME_DIR ? [join(env.XDG_RUNTIME_DIR, 'fastify-live-reload'), own] : [own]
}

/**
 * Writes the file of a server that listens, and returns what removes it.
 * A server that starts again in the same place writes over the file of the one before, so files of crashed servers do not pile up.
 * @throws NotPrivate, or the system's error, when no directory takes it.
 */
export async function writeServer (record: ServerRecord, directories = serverDirectories()): Promise<() => Promise<void>> {
  const name = createHash('sha256').update(`${record.cwd}\0${record.socket ?? record.url}`).digest('hex').slice(0, 16)
  let failure: unknown
  for (const directory of directories) {
    try {
      await mkdir(directory, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => { if (error.code !== 'EEXIST') throw error })
      requirePrivate(directory, await lstat(directory))
      const file = join(directory, `${name}.json`)
      const draft = `${file}.${process.pid}`
      // Readers get all of it or nothing.
      await writeFile(draft, JSON.stringify(record), { mode: 0o600 })
      await rename(draft, file)
      return () => removeServer({ ...record, file })
    } catch (error) {
      failure ??= error
    }
  }
  throw failure
}

/** All servers of this user that said where they are. `refused`: why files were not read. */
export async function readServers (directories = serverDirectories()): Promise<{ servers: FoundServer[], refused: string[] }> {
  const servers: FoundServer[] = []
  const refused: string[] = []
  for (const directory of directories) {
    try {
      requirePrivate(directory, await lstat(directory))
      for (const name of await readdir(directory)) if (name.endsWith('.json')) servers.push(...await readServer(join(directory, name)))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') refused.push((error as Error).message)
    }
  }
  return { servers, refused }
}

/** Removes the file, unless another server has written it meanwhile. */
export async function removeServer ({ file, epoch }: FoundServer): Promise<void> {
  const [now] = await readServer(file).catch(() => [])
  if (now?.epoch === epoch) await unlink(file).catch(() => {})
}

async function readServer (file: string): Promise<FoundServer[]> {
  requirePrivate(file, await lstat(file))
  try {
    const given = JSON.parse(await readFile(file, 'utf8')) as ServerRecord
    const isWhole = [given.cwd, given.epoch, given.token, given.url].every(value => typeof value === 'string') && URL.canParse(given.url) && Number.isInteger(given.pid)
    return isWhole ? [{ ...given, file }] : []
  } catch {
    // Of another version, or cut off.
    return []
  }
}

/** In a directory that others write to, anybody could have put the name there first. Windows gives each user such directories of their own. */
function requirePrivate (path: string, { uid, mode }: Stats): void {
  const user = process.getuid?.()
  if (user === undefined) return
  if (uid !== user) throw new NotPrivate(`${path} belongs to another user: have it removed, or set XDG_RUNTIME_DIR to a directory of your own`)
  if ((mode & 0o170000) === 0o120000 || (mode & 0o077) !== 0) throw new NotPrivate(`${path} is open to other users: remove it and start the server again`)
}
