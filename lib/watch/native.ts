// The system's own events, through @parcel/watcher for directories and fs.watch for a single file. They are hints: see docs/decisions.
import { statSync, realpathSync, watch as watchFile } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import parcel, { type BackendType, type Event } from '@parcel/watcher'
import type { BackendHandle, BackendOptions, Hint, WatchBackend } from '../../types/change.js'
import { systemCode } from './limits.js'
import { preflight } from './preflight.js'

/** Named always: without it a `watchman` on the PATH would be started. */
const BACKENDS: Partial<Record<NodeJS.Platform, BackendType>> = { linux: 'inotify', darwin: 'fs-events', win32: 'windows' }
const backend = BACKENDS[process.platform]
/** The native watcher would take such a path for a pattern. */
const GLOB = /[*?[\]{}()!+@|]/
const isInotify = backend === 'inotify'

/**
 * The native watcher keeps one picture per spelling of a path, and a second subscription would get the first one's, mistakes included.
 * So each gets a spelling of its own, which is possible without touching the disk on Linux only.
 */
const SPELLING = '/proc/self/root'
const spelled = new Set<string>()
let open = 0

function spell (root: string): string {
  let path = root
  while (spelled.has(path)) path = SPELLING + path
  spelled.add(path)
  return path
}

function canSpell (): boolean {
  try {
    return realpathSync(SPELLING + process.execPath) === realpathSync(process.execPath)
  } catch {
    return false
  }
}

export function createNative (): WatchBackend {
  return {
    kind: 'native',
    follows: !isInotify,
    overlaps: isInotify && canSpell(),
    async open (root, hint, options) {
      return statSync(root).isDirectory() ? await openDirectory(root, hint, options) : openFile(root, hint, options)
    }
  }
}

async function openDirectory (root: string, hint: Hint, { ignored, lost }: BackendOptions): Promise<BackendHandle> {
  if (backend === undefined) throw new Error(`there is no native watcher for ${process.platform}`)
  if (isInotify && open === 0) await preflight(root)
  const spelling = isInotify ? spell(root) : root
  const prefix = spelling.length - root.length
  const told = (error: Error | null, events: Event[]) => {
    if (error !== null) return lost(error)
    hint(events.map(({ path }) => prefix === 0 ? path : path.slice(prefix)))
  }
  open++
  try {
    const { unsubscribe } = await parcel.subscribe(spelling, told, { backend, ignore: ignored.filter(path => !GLOB.test(path)).map(path => spelling.slice(0, prefix) + path) })
    let closed: Promise<void> | undefined
    return {
      close () {
        closed ??= unsubscribe().then(() => { spelled.delete(spelling) }, () => {
          // It failed half way; this spelling stays taken, for what is left of it is wrong.
        }).finally(() => open--)
        return closed
      }
    }
  } catch (error) {
    open--
    throw Object.assign(error as Error, { code: systemCode(error) })
  }
}

function openFile (root: string, hint: Hint, { lost }: BackendOptions): BackendHandle {
  const name = basename(root)
  const watcher = watchFile(dirname(root), { persistent: false }, (_, changed) => {
    if (changed === null || changed === name) hint([join(dirname(root), name)])
  })
  watcher.on('error', lost)
  return { async close () { watcher.close() } }
}
