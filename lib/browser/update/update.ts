// A change that may need no reload: shows it, or says that only a reload can.
import type { ChangeMessage } from '../../../types/message.js'
import type { Page } from '../tag.js'
import { findFingerprints } from './fingerprints.js'
import { findImages } from './images.js'
import { type Plan, run } from './plan.js'
import { findPlaces } from './places.js'
import { findSheets } from './sheets.js'
import { findUse } from './use.js'
import { createFreshen, decode } from './versions.js'

/** Whether something was shown; `undefined`: only a reload can show it. */
export type Updater = (messages: readonly ChangeMessage[], came: number) => Promise<boolean | undefined>

/** Milliseconds: what the page was still loading when the change came is known by then. */
const LATE = 1000

/**
 * It is asked one thing at a time. `own`: the file this document came from, if it is known. `address`: where the page is to be asked for.
 * `reload`: it turned out later that the page must not stay as it is.
 */
export function createUpdater (page: Page, own: string | undefined, address: () => URL, reload: () => void): Updater {
  const { base } = page
  /** Every server process counts from zero, and a cache may still hold what another one answered. */
  const newest = new Map<string, string>()

  return async (messages, came) => {
    const places = findPlaces()
    const use = findUse(places, base, own)
    const files = messages.flatMap(message => message.type === 'reload' ? message.files ?? [] : [])
    const updates = messages.flatMap(message => message.type === 'update' ? message.updates.map(update => ({ ...update, seq: message.seq })) : [])
    if (use.mayUse(files) || updates.some(({ path }) => use.isElsewhere(path))) return undefined
    for (const { path, seq } of updates) {
      newest.delete(path)
      newest.set(path, `${page.epoch}.${seq}`)
    }

    const found = new Set<string>()
    const plan: Plan = { freshen: createFreshen(newest, found, use.fileOf), waits: [], commits: [], undos: [] }
    for (const place of places) {
      findSheets(place, plan)
      findImages(place, plan)
    }
    const missing = updates.filter(({ path }) => !found.has(path))
    const shown = await findFingerprints(address(), missing.map(({ path }) => decode(path)), places, plan, own)
    const unseen = missing.filter(({ kind, path }) => kind === 'html' || !shown.includes(decode(path))).map(({ path }) => path)
    if (use.mayUse(unseen)) return undefined
    await run(plan)
    const alone = [...files, ...unseen]
    if (alone.length > 0) setTimeout(() => { if (findUse(findPlaces(), base, own, came).mayUse(alone)) reload() }, LATE)
    return plan.commits.length > 0
  }
}
