// Changes that a page can show without a reload. What it can not show is a reload.
import type { ChangeMessage, ClientSettings } from '../../types/message.js'
import type { MorphModule } from './morph/morph.js'
import type { Page } from './tag.js'
import { pageAddress, told } from './timing.js'
import { createUpdater, type Updater } from './update/update.js'

/** Milliseconds: what takes longer is a reload. Others wait for it. */
const PATIENCE = 15_000

export interface UpdatesParts {
  readonly page: Page
  readonly settings: Partial<ClientSettings>
  readonly want: (message: ChangeMessage) => void
  readonly loadMorph: () => Promise<MorphModule>
}

export function createUpdates ({ page, settings, want, loadMorph }: UpdatesParts): Updater {
  // The file of a root this document came from, if it came from one.
  const own = told('file')
  const address = () => pageAddress(page)
  const isGrave = (message: ChangeMessage) => message.type === 'reload' && (!own || !message.files || message.files.includes(own))
  // It may turn out later that a page which was left alone should not have been.
  const plain = createUpdater(page, own, () => want({ type: 'reload', seq: page.seq-- }))
  // What the HTML is now has to be known for a change of it.
  let morph = settings.morph && loadMorph().then(({ createMorph }) => createMorph(plain, page, own, address))
  // Said when it is needed.
  if (morph) morph.catch(() => {})

  return async (messages, came) => {
    if (messages.length === 0) return false
    if (document.readyState === 'loading' || messages.some(isGrave)) return undefined
    const show = async () => (await morph || plain)(messages, came)
    try {
      return await Promise.race([show(), new Promise<undefined>(resolve => { setTimeout(resolve, PATIENCE) })])
    } catch {
      // What the page is made from is not certain any more.
      morph = undefined
      return undefined
    }
  }
}
