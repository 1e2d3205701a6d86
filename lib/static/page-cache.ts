// HTML files in memory, so that they go out as one Buffer: by key, trusted only while the file on disk is the very same.
import type { Stats } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { OPEN } from './file-gate.js'

export interface Page {
  readonly body: Buffer
  readonly stat: Stats
  /** False: the file changed while it was read; what came of it is sent once, without validators. */
  readonly whole: boolean
  readonly etag: string
  readonly modified: string
  /** Nobody can have written since within the same tick of the file system's clock. */
  readonly settled: boolean
}

export interface PageCache {
  /** The page, if the file is still the one it was read from. */
  hit (key: string, stat: Stats): Page | undefined
  /** Reads the file. `check` looks at the open file first and throws to refuse it. */
  load (key: string, path: string, stat: Stats, check: (fd: number) => Promise<void>): Promise<Page>
  /** Is this the body of a page: never changed, and the same object as long as its file is the same? */
  stable (payload: Buffer): boolean
}

type OpenFile = (path: string, flags: number) => Promise<Pick<FileHandle, 'fd' | 'stat' | 'read' | 'close'>>

const BUDGET = 64 * 1024 * 1024

export function createPageCache (budget = BUDGET, openFile: OpenFile = open): PageCache {
  const pages = new Map<string, Page>()
  const bodies = new WeakSet<Buffer>()
  const loading = new Map<string, { stat: Stats, page: Promise<Page> }>()
  let bytes = 0

  function remove (key: string): void {
    bytes -= pages.get(key)?.body.length ?? 0
    pages.delete(key)
  }

  function keep (key: string, page: Page): Page {
    const old = pages.get(key)
    remove(key)
    if (!page.whole || page.body.length > budget) return page
    const kept = old?.body.equals(page.body) ? { ...page, body: old.body } : page
    pages.set(key, kept)
    bodies.add(kept.body)
    bytes += kept.body.length
    for (const oldest of pages.keys()) {
      if (bytes <= budget) break
      remove(oldest)
    }
    return kept
  }

  return {
    hit (key, stat) {
      const page = pages.get(key)
      if (page === undefined || !page.settled || !isSame(page.stat, stat)) return undefined
      pages.delete(key)
      pages.set(key, page)
      return page
    },
    load (key, path, stat, check) {
      const running = loading.get(key)
      if (running !== undefined && isSame(running.stat, stat)) return running.page
      const page = read(path, openFile, check).then(page => keep(key, page)).finally(() => {
        if (loading.get(key)?.page === page) loading.delete(key)
      })
      loading.set(key, { stat, page })
      return page
    },
    stable: payload => bodies.has(payload)
  }
}

async function read (path: string, openFile: OpenFile, check: (fd: number) => Promise<void>): Promise<Page> {
  const file = await openFile(path, OPEN)
  try {
    await check(file.fd)
    const stat = await file.stat()
    const now = Date.now()
    const body = Buffer.allocUnsafeSlow(stat.size)
    let length = 0
    while (length < body.length) {
      const { bytesRead } = await file.read(body, length, body.length - length, length)
      if (bytesRead === 0) break
      length += bytesRead
    }
    const whole = length === body.length && isSame(stat, await file.stat())
    return { body: body.subarray(0, length), stat, whole, settled: isSettled(stat, now), ...validators(stat) }
  } finally {
    await file.close()
  }
}

/** As @fastify/send writes them, so that a 304 holds whichever way the file goes out. */
function validators (stat: Stats) {
  return { etag: `W/"${stat.size.toString(16)}-${stat.mtime.getTime().toString(16)}"`, modified: stat.mtime.toUTCString() }
}

// A file written twice within one tick of the clock looks the same both times. Whole seconds hint at a clock that only knows seconds.
function isSettled ({ ctimeMs }: Stats, now: number): boolean {
  return now - ctimeMs > (ctimeMs % 1000 === 0 ? 2_100 : 50)
}

function isSame (a: Stats, b: Stats): boolean {
  return a.ino === b.ino && a.size === b.size && a.mtimeMs === b.mtimeMs && a.ctimeMs === b.ctimeMs && a.dev === b.dev
}
