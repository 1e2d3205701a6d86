// Whether a page uses what it is told to show. Pages decide that themselves, and those that do not use a file say nothing, so silence is waited for.
import type { LiveReload } from '../../../types/live-reload.js'
import type { Clock } from '../../shared/clock.js'

/** A page that is seen shows a style sheet, or leaves for a reload, in less. The command line names it. */
const WAIT_MS = 1000

/** Runs `tell`, which sends one change, and waits for the first page that shows it. */
export function isUsed (live: Pick<LiveReload, 'on' | 'clients'>, clock: Clock, tell: () => void): Promise<boolean> {
  if (live.clients === 0) {
    tell()
    return Promise.resolve(false)
  }
  return new Promise(resolve => {
    const end = (isShown: boolean): void => {
      undos.forEach(undo => undo())
      resolve(isShown)
    }
    const undos = [
      live.on('send', ({ message }) => { if (message.type === 'reload' && message.files === undefined) end(true) }),
      live.on('applied', () => end(true)),
      // A page that reloads leaves first.
      live.on('disconnect', () => end(true)),
      clock.after(WAIT_MS, () => end(false))
    ]
    tell()
  })
}
