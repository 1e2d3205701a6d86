// Changes that a page can show without a reload: told to a module that is loaded when there is one. What it can not show is a reload.
import type { ChangeMessage } from '../../types/message.js'
import type { LoadMore } from './load.js'
import type { Page } from './tag.js'
import type { Updater } from './update/update.js'

/** Whether something was shown; `undefined`: only a reload can show it. */
export type Show = (messages: readonly ChangeMessage[], came: number) => Promise<boolean | undefined>

/** The file of a root this document came from, if it came from one. */
function ownFile (): string | undefined {
  const [entry] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[]
  return entry?.serverTiming?.find(({ name }) => name === 'file')?.description
}

/** `reload`: it turned out later that a page which was left alone should not have been. */
export function createUpdates ({ base }: Page, load: LoadMore, reload: (came: number) => void): Show {
  const own = ownFile()
  let updater: Promise<Updater> | undefined

  // What needs no second look must not wait for the module.
  const isGrave = (message: ChangeMessage) => message.type === 'reload' && (!own || !message.files || message.files.includes(own))

  return async (messages, came) => {
    if (messages.length === 0) return false
    if (document.readyState === 'loading' || messages.some(isGrave)) return undefined
    try {
      updater ??= load().then(({ createUpdater }) => createUpdater({ base, own, reload }))
      return await (await updater)(messages, came)
    } catch {
      updater = undefined
      return undefined
    }
  }
}
