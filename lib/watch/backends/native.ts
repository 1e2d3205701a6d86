// The system's own events, through @parcel/watcher for directories and fs.watch for a single file.
import { existsSync, statSync, watch as watchFile } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { AsyncSubscription, BackendType, SubscribeCallback } from '@parcel/watcher'
import { BACKEND_MISSING, type BackendHandle, type BackendOptions, type HintListener, type WatchBackend } from './backend.js'
import { systemCode } from './limits.js'
import { NearWatch } from './near.js'
import { loadParcel } from './parcel.js'
import { preflight } from './preflight.js'

/** Always named: without a name @parcel/watcher starts a `watchman` that is on the PATH. */
const BACKENDS: Partial<Record<NodeJS.Platform, BackendType>> = { linux: 'inotify', darwin: 'fs-events', win32: 'windows' }
/** @parcel/watcher takes such a path for a pattern. */
const GLOB = /[*?[\]{}()!+@|]/

/**
 * @parcel/watcher caches what it knows of a tree by the path as text, and a second subscription gets the same cache with all its mistakes.
 * This prefix gives each subscription a path of its own for the same directory. Only Linux has one.
 */
const ALIAS_PREFIX = '/proc/self/root'
const usedPaths = new Set<string>()
let openCount = 0

export function createNative (platform: NodeJS.Platform = process.platform): WatchBackend {
  const backend = BACKENDS[platform]
  const canOverlap = backend === 'inotify' && existsSync(ALIAS_PREFIX + process.execPath)
  return {
    followsNewDirectories: backend !== 'inotify',
    canOverlap,
    async open (root, onHint, options) {
      if (backend === undefined) throw Object.assign(new Error(`there is no native watcher for ${platform}`), { code: BACKEND_MISSING })
      if (!statSync(root).isDirectory()) return openFile(root, onHint, options)
      const { subscribe } = await loadParcel()
      if (backend === 'inotify') await preflight(root, openCount === 0)
      const prefix = canOverlap ? unusedPrefix(root) : ''
      usedPaths.add(prefix + root)
      const near = backend === 'inotify' ? new NearWatch({ directories: options.directories, onHint }) : undefined
      const onEvents: SubscribeCallback = (error, events) => {
        if (error !== null) return options.onLost(error)
        const paths = events.map(event => event.path.slice(prefix.length))
        onHint(paths)
        near?.follow(paths)
      }
      const ignore = options.ignored.filter(path => !GLOB.test(path)).map(path => prefix + path)
      const handle = await openDirectory(prefix + root, () => subscribe(prefix + root, onEvents, { backend, ignore }))
      near?.start()
      return {
        async close () {
          near?.close()
          await handle.close()
        }
      }
    }
  }
}

function unusedPrefix (root: string): string {
  let prefix = ''
  while (usedPaths.has(prefix + root)) prefix += ALIAS_PREFIX
  return prefix
}

async function openDirectory (path: string, subscribe: () => Promise<AsyncSubscription>): Promise<BackendHandle> {
  openCount++
  try {
    const { unsubscribe } = await subscribe()
    let closed: Promise<void> | undefined
    return {
      close () {
        // When this fails the path stays used, because what the cache holds of it is wrong.
        closed ??= unsubscribe().then(() => { usedPaths.delete(path) }, () => {}).finally(release)
        return closed
      }
    }
  } catch (error) {
    release()
    throw Object.assign(error as Error, { code: systemCode(error) })
  }
}

/** @parcel/watcher clears its cache when the last subscription ends. */
function release (): void {
  if (--openCount === 0) usedPaths.clear()
}

function openFile (root: string, onHint: HintListener, { onLost }: BackendOptions): BackendHandle {
  const name = basename(root)
  const watcher = watchFile(dirname(root), { persistent: false }, (_, changed) => {
    if (changed === null || changed === name) onHint([join(dirname(root), name)])
  })
  watcher.on('error', onLost)
  return { async close () { watcher.close() } }
}
