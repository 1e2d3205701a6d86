// Decides whether changes can be shown without a reload, and shows them.
import type { ChangeMessage } from '../../../types/message.js'
import type { PageClient } from '../page/client.js'
import { documentFile } from '../page/document-file.js'
import { createUpdater, type Updater } from './update.js'

/** What takes longer becomes a reload. Later changes wait for it. */
const TIMEOUT_MS = 15_000

export function createInPlaceUpdater (client: PageClient): Updater {
  const { page, settings, loadMorph } = client
  const needsReload = (message: ChangeMessage) => message.type === 'reload' && (!documentFile || !message.files || message.files.includes(documentFile))
  // The page left a file alone that it turned out to use.
  const updater = createUpdater(page, documentFile, () => client.requestReload(page.seq--))
  // Loaded now, to know the HTML before it changes. Errors are handled when it is used.
  let morph = settings.morph && loadMorph().then(({ createMorph }) => createMorph(updater, page, documentFile))
  if (morph) morph.catch(() => {})

  return async (messages, receivedAt) => {
    if (messages.length === 0) return false
    if (document.readyState === 'loading' || messages.some(needsReload)) return undefined
    const show = async () => (await morph || updater)(messages, receivedAt)
    try {
      return await Promise.race([show(), new Promise<undefined>(resolve => { setTimeout(resolve, TIMEOUT_MS) })])
    } catch {
      // The HTML of the page is not known for certain any more.
      morph = undefined
      return undefined
    }
  }
}
