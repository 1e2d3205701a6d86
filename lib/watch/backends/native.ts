// The system's own events, through @parcel/watcher for directories and fs.watch for a single file. They are hints: see docs/decisions.
import { statSync, realpathSync, watch as watchFile } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import parcel, { type BackendType, type Event } from '@parcel/watcher'
import type { BackendHandle, BackendOptions, Hint, WatchBackend } from './backend.js'
import { systemCode } from './limits.js'
import { preflight } from './preflight.js'

/** Named always: without it a `watchman` on the PATH would be started. */
const BACKENDS: Partial<Record<NodeJS.Platform, BackendType>> = { linux: 'inotify', darwin: 'fs-events', win32: 'windows' }
/** The native watcher would take such a path for a pattern. */
const GLOB = /[*?[\]{}()!+@|]/

/**
 * The native watcher keeps one picture per spelling of a path, and a second subscription would get the first one's, mistakes included.
 * So each gets a spelling of its own, which is possible without touching the disk on Linux only.
 */
const SPELLING = '/proc/self/root'
const spelled = new Set<string>()
let opened = 0

function spell (root: string, spelling: string): string {
  let path = root
  while (spelled.has(path)) path = spelling + path
  spelled.add(path)
  return path
}

function canSpell (spelling: string): boolean {
  try {
    return realpathSync(spelling + process.execPath) === realpathSync(process.execPath)
  } catch {
    return false
  }
}

/** With the last subscription everything the native watcher remembers is gone. */
function release (): void {
  if (--opened === 0) spelled.clear()
}

export function createNative (platform: NodeJS.Platform = process.platform, spelling = SPELLING): WatchBackend {
  const backend = BACKENDS[platform]
  const overlaps = backend === 'inotify' && canSpell(spelling)
  return {
    kind: 'native',
    follows: backend !== 'inotify',
    overlaps,
    async open (root, hint, options) {
      if (backend === undefined) throw new Error(`there is no native watcher for ${platform}`)
      if (!statSync(root).isDirectory()) return openFile(root, hint, options)
      if (backend === 'inotify' && opened === 0) await preflight(root)
      return await openDirectory(overlaps ? spell(root, spelling) : root, root, backend, hint, options)
    }
  }
}

async function openDirectory (path: string, root: string, backend: BackendType, hint: Hint, { ignored, lost }: BackendOptions): Promise<BackendHandle> {
  const prefix = path.slice(0, path.length - root.length)
  const told = listenTo(prefix, hint, lost)
  opened++
  try {
    const { unsubscribe } = await parcel.subscribe(path, told, { backend, ignore: ignored.filter(each => !GLOB.test(each)).map(each => prefix + each) })
    let closed: Promise<void> | undefined
    // When it fails half way the spelling stays taken, for what is left of it is wrong.
    const close = () => unsubscribe().then(() => { spelled.delete(path) }, () => {}).finally(release)
    return {
      close () {
        closed ??= close()
        return closed
      }
    }
  } catch (error) {
    release()
    throw Object.assign(error as Error, { code: systemCode(error) })
  }
}

/** Paths come with the spelling of the root, `prefix`, in front. */
export function listenTo (prefix: string, hint: Hint, lost: (cause: Error) => void) {
  return (error: Error | null, events: readonly Event[]): void => {
    if (error === null) hint(events.map(event => event.path.slice(prefix.length)))
    else lost(error)
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
