// Follows the events of `app.liveReload` and keeps the latest saves with their times.
import { stat } from 'node:fs/promises'
import type { LiveReload } from '../../../types/live-reload.js'
import type { Save } from '../../../types/status-page.js'
import { Saves } from './saves.js'

/** Returns a function that lists the saves, the newest first. */
export function recordHistory (live: Pick<LiveReload, 'on'>, cwd: string): () => Save[] {
  const saves = new Saves(cwd)
  live.on('change', event => {
    const id = saves.change(event)
    const [first] = event.changes
    if (id !== undefined && first !== undefined && first.type !== 'delete') setImmediate(readTime, first.path, (at: number) => saves.setSavedAt(id, at))
  })
  live.on('build:start', ({ name }) => saves.startBuild(name, performance.now()))
  live.on('build:end', ({ name, result }) => {
    saves.endBuild(name, result, performance.now())
    // The message about its outputs is sent in the same tick.
    queueMicrotask(() => saves.settle())
  })
  live.on('send', ({ message, clients }) => saves.send(message, clients, performance.now()))
  live.on('applied', ({ seq }) => saves.apply(seq, performance.now()))
  return () => saves.list()
}

/** The modification time of a file on the clock of `performance.now()`. A file that is gone has none. */
function readTime (path: string, found: (at: number) => void): void {
  stat(path).then(({ mtimeMs }) => found(mtimeMs - Date.now() + performance.now()), () => {})
}
