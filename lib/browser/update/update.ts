// A change that may need no reload: shows it, or says that only a reload can.
import type { ChangeMessage } from '../../../types/message.js'
import type { Page } from '../tag.js'
import { findImages } from './images.js'
import { type Plan, run } from './plan.js'
import { findPlaces } from './places.js'
import { findSheets } from './sheets.js'
import { findUse } from './use.js'
import { createFreshen, type News } from './versions.js'

/** Whether something was shown; `undefined`: only a reload can show it. */
export type Updater = (messages: readonly ChangeMessage[], came: number) => Promise<boolean | undefined>

/** Milliseconds: what the page was still loading when the change came is known by then. */
const LATE = 1000

/**
 * It is asked one thing at a time. `own`: the file this document came from, if it is known.
 * `reload`: it turned out later that the page must not stay as it is.
 */
export function createUpdater (page: Page, own: string | undefined, reload: () => void): Updater {
  const { base } = page
  /** Every server process counts from zero, and a cache may still hold what another one answered. */
  const newest = new Map<string, News>()

  return async (messages, came) => {
    const places = findPlaces()
    const use = findUse(places, base, own)
    const files = messages.flatMap(message => message.type === 'reload' ? message.files ?? [] : [])
    const updates = messages.flatMap(message => message.type === 'update' ? message.updates.map(update => ({ was: update.path, ...update, seq: message.seq })) : [])
    if (use.mayUse(files) || updates.some(({ was }) => use.isElsewhere(was))) return undefined
    for (const { path, was, seq } of updates) {
      newest.delete(was)
      newest.set(was, [path, `${page.epoch}.${seq}`])
    }

    const found = new Set<string>()
    const plan: Plan = { freshen: createFreshen(newest, found, use.fileAt), waits: [], commits: [], undos: [] }
    for (const place of places) {
      findSheets(place, plan)
      findImages(place, plan)
    }
    // That nothing but these names is new in the page itself, the server has seen.
    const unseen = updates.filter(({ kind, path, was }) => !found.has(was) && !(kind === 'names' && path === own)).map(({ was }) => was)
    if (use.mayUse(unseen)) return undefined
    await run(plan)
    const alone = [...files, ...unseen]
    setTimeout(() => { if (findUse(findPlaces(), base, own, came).mayUse(alone)) reload() }, LATE)
    return plan.commits.length > 0
  }
}
