// Changes that a page can show without a reload: told to a module that is loaded when there is one. What it can not show is a reload.
import type { ChangeMessage } from '../../types/message.js'
import { createLoader, type Load, type LoadMore } from './load.js'
import type { MorphModule } from './morph/morph.js'
import { pageAddress } from './probe.js'
import type { Page } from './tag.js'
import { told } from './timing.js'
import type { Updater } from './update/update.js'

/**
 * Whether something was shown; `undefined`: only a reload can show it. With `morph` from here on a change of the page's HTML may be
 * shown, too: what it is now has to be known for that, so there need be no message yet.
 */
export type Show = (messages: readonly ChangeMessage[], came: number, morph?: boolean) => Promise<boolean | undefined>

/** `reload`: it turned out later that a page which was left alone should not have been. */
export function createUpdates (page: Page, load: LoadMore, reload: (came: number) => void): Show {
  // The file of a root this document came from, if it came from one.
  const own = told('file')
  const address = () => pageAddress(page)
  let updater: Promise<Updater> | undefined
  let loadMorph: Load<MorphModule> | false | undefined

  // What needs no second look must not wait for the module.
  const isGrave = (message: ChangeMessage) => message.type === 'reload' && (!own || !message.files || message.files.includes(own))

  return async (messages, came, morph) => {
    if (morph) loadMorph ??= createLoader('morph', page.base)
    else if (messages.length === 0) return false
    else if (document.readyState === 'loading' || messages.some(isGrave)) return undefined
    try {
      updater ??= Promise.all([load(), loadMorph && loadMorph()]).then(([{ createUpdater }, module]) => {
        const plain = createUpdater({ epoch: () => page.epoch, base: page.base, own, address, reload })
        return module ? module.createMorph(plain, page, own, address) : plain
      })
      return await (await updater)(messages, came)
    } catch {
      // What the page is made from is not certain any more.
      loadMorph = false
      updater = undefined
      return undefined
    }
  }
}
