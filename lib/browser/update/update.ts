// A change that may need no reload: shows it, or says that only a reload can.
import type { ChangeMessage } from '../../../types/message.js'
import { findFingerprints } from './fingerprints.js'
import { findImages } from './images.js'
import { createPlan } from './plan.js'
import { findPlaces } from './places.js'
import { findSheets } from './sheets.js'
import { createUse } from './use.js'
import { createVersions, decode } from './versions.js'

export interface UpdaterParts {
  /** The server process the page is from. */
  readonly epoch: () => string
  /** Where the client's script came from. */
  readonly base: string
  /** The file this document came from, if it is known. */
  readonly own: string | undefined
  /** Where the page is to be asked for. */
  readonly address: () => URL
  /** It turned out later that the page must not stay as it is. */
  readonly reload: (came: number) => void
}

/** Whether something was shown; `undefined`: only a reload can show it. */
export type Updater = (messages: readonly ChangeMessage[], came: number) => Promise<boolean | undefined>

/** Milliseconds: what the page was still loading when the change came is known by then. */
const LATE = 1000

export function createUpdater ({ epoch, base, own, address, reload }: UpdaterParts): Updater {
  const use = createUse(base, own)
  const versions = createVersions(epoch, use.fileOf)
  let last: Promise<unknown> = Promise.resolve()

  async function show (messages: readonly ChangeMessage[], came: number): Promise<boolean | undefined> {
    const files = messages.flatMap(message => message.type === 'reload' ? message.files ?? [] : [])
    if (use.mayUse(files)) return undefined
    const updates = messages.flatMap(message => message.type === 'update' ? message.updates : [])
    for (const message of messages) if (message.type === 'update') for (const { path } of message.updates) versions.note(path, message.seq)

    const plan = createPlan()
    const places = findPlaces()
    for (const place of places) {
      findSheets(place, versions, plan)
      findImages(place, versions, plan)
    }
    const missing = updates.filter(({ path }) => !versions.found.has(path))
    const shown = await findFingerprints(address(), missing, places, versions, plan, own)
    const unseen = missing.filter(({ kind, path }) => kind === 'html' || !shown.includes(decode(path))).map(({ path }) => path)
    if (updates.some(update => use.isElsewhere(update)) || use.mayUse(unseen)) return undefined
    await plan.run()
    const alone = [...files, ...unseen]
    if (alone.length > 0) setTimeout(() => { if (use.mayUse(alone, came)) reload(came) }, LATE)
    return plan.size > 0
  }

  return (messages, came) => {
    // One after the other: two at a time would find each other's halves.
    const next = last.then(() => show(messages, came))
    last = next.catch(() => {})
    return next
  }
}
