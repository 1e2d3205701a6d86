// Makes a directory equal to another one, file by file, each by an atomic rename, in an order that readers do not notice.
import { constants, renameSync } from 'node:fs'
import { copyFile, mkdir, open, readdir, rm, rmdir, stat } from 'node:fs/promises'
import { basename, dirname, join, sep } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { isProcessAlive } from '../processes/process-tree.js'

export interface Published {
  /** Names of all files that came from the build, relative. */
  readonly files: ReadonlySet<string>
  /** Absolute paths that are different now. */
  readonly changed: string[]
}

const COMPARED_BYTES = 256 * 1024
const MAX_PARALLEL = 16
/** Files are moved synchronously, which takes a fifth of the time, in slices, so that requests get their turn. */
const MOVES_PER_SLICE = 50

/**
 * `before` are the files of the previous build: those that are gone are deleted. Files that no build wrote never are.
 * `onMove` is called before the target is touched for the first time.
 * @throws the system's error
 */
export async function publish (from: string, to: string, before: ReadonlySet<string>, onMove: () => void = () => {}): Promise<Published> {
  const files = new Set(await listFiles(from))
  const differing = await filter([...files], async name => !await isSame(join(from, name), join(to, name)))
  const gone = [...before].filter(name => !files.has(name))
  const swap = `${from}-swap`
  try {
    await rm(swap, { recursive: true, force: true })
    // All copies first: a full disk is noticed before anything is moved.
    await forEach(differing, async name => {
      await mkdir(dirname(join(swap, name)), { recursive: true })
      await copyFile(join(from, name), join(swap, name), constants.COPYFILE_FICLONE)
    })
    // A file in its place is found while nothing has changed.
    if (differing.length > 0) await mkdir(to, { recursive: true })
    onMove()
    await moveFiles(name => join(swap, name), to, differing, gone)
  } finally {
    await rm(swap, { recursive: true, force: true })
  }
  return { files, changed: [...differing, ...gone].map(name => join(to, name)) }
}

/** Moves files to a directory of the same file system, each from where `sourceOf` says, and then deletes those that are gone. */
export async function moveFiles (sourceOf: (name: string) => string, to: string, names: readonly string[], gone: readonly string[]): Promise<void> {
  const first = new Set(findObstacles(gone, names))
  for (const name of first) await remove(to, name)
  await forEach([...new Set(names.map(name => dirname(name)))], async name => { await mkdir(join(to, name), { recursive: true }) })
  for (const [i, name] of inSafeOrder(names).entries()) {
    if (i % MOVES_PER_SLICE === MOVES_PER_SLICE - 1) await setImmediate()
    renameSync(sourceOf(name), join(to, name))
  }
  for (const name of gone) if (!first.has(name)) await remove(to, name)
}

/** Assets come before the documents that name them. */
export function inSafeOrder (names: readonly string[]): string[] {
  const ranks: [string[], string[], string[]] = [[], [], []]
  for (const name of names) ranks[/\.html?$/i.test(name) ? 2 : /\.(?:json|webmanifest|xml|map)$/i.test(name) ? 1 : 0].push(name)
  return ranks.flatMap(same => same.sort())
}

/** Files that are directories now, or the other way round. */
function findObstacles (gone: readonly string[], next: readonly string[]): string[] {
  if (gone.length === 0) return []
  const above = (name: string) => name.split(sep).map((_, i, parts) => parts.slice(0, i).join(sep))
  const [names, directories] = [new Set(next), new Set(next.flatMap(above))]
  return gone.filter(name => directories.has(name) || above(name).some(directory => names.has(directory)))
}

/** Removes staging directories of this server, but for those in use, and of servers that have ended. Gives the pids of other servers that run. */
export async function removeStages (dir: string, inUse: ReadonlySet<string>): Promise<number[]> {
  const parent = dirname(dir)
  const pattern = new RegExp(`^\\.${basename(dir).replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}\\.live-reload-(\\d+)(?:-\\d+)?(?:-swap)?$`)
  const others: number[] = []
  for (const name of await readdir(parent).catch(() => [])) {
    const pid = Number(pattern.exec(name)?.[1] ?? 0)
    const path = join(parent, name)
    if (pid === 0 || inUse.has(path.replace(/-swap$/, ''))) continue
    if (pid !== process.pid && isProcessAlive(pid)) others.push(pid)
    else await rm(path, { recursive: true, force: true })
  }
  return others
}

async function listFiles (root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true })
  // Links are left out: they would point somewhere else after the move.
  return entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name).slice(root.length + 1))
}

/** Equal by content: many builders write all files every time. */
async function isSame (a: string, b: string): Promise<boolean> {
  const [one, two] = await Promise.all([stat(a), stat(b).catch(() => undefined)])
  if (two === undefined || !two.isFile() || one.size !== two.size) return false
  const handles = [await open(a), await open(b)] as const
  try {
    const buffers = [Buffer.allocUnsafe(COMPARED_BYTES), Buffer.allocUnsafe(COMPARED_BYTES)] as const
    for (let at = 0; at < one.size; at += COMPARED_BYTES) {
      const [left, right] = await Promise.all([handles[0].read(buffers[0], 0, COMPARED_BYTES, at), handles[1].read(buffers[1], 0, COMPARED_BYTES, at)])
      if (!buffers[0].subarray(0, left.bytesRead).equals(buffers[1].subarray(0, right.bytesRead))) return false
    }
    return true
  } finally {
    await Promise.all(handles.map(handle => handle.close()))
  }
}

async function remove (root: string, name: string): Promise<void> {
  await rm(join(root, name), { force: true })
  // Directories that became empty go as well.
  for (let dir = dirname(name); dir !== '.'; dir = dirname(dir)) {
    if (!await rmdir(join(root, dir)).then(() => true, () => false)) return
  }
}

async function forEach (names: readonly string[], run: (name: string) => Promise<void>): Promise<void> {
  const rest = [...names]
  const failures: unknown[] = []
  const work = async () => {
    for (let name = rest.pop(); name !== undefined && failures.length === 0; name = rest.pop()) await run(name)
  }
  // Every worker has ended when this settles, so a failure can be cleaned up.
  await Promise.all(Array.from({ length: Math.min(MAX_PARALLEL, rest.length) }, () => work().catch(error => failures.push(error))))
  if (failures.length > 0) throw failures[0]
}

async function filter (names: readonly string[], keep: (name: string) => Promise<boolean>): Promise<string[]> {
  const kept = new Set<string>()
  await forEach(names, async name => { if (await keep(name)) kept.add(name) })
  return names.filter(name => kept.has(name))
}
