// Shows changes of style sheets and images without a reload, or reports that only a reload can show them.
import type { ChangeMessage } from '../../../types/message.js'
import type { Page } from '../page/tag.js'
import { findRoots } from './document-roots.js'
import { createFreshen, type Version } from './freshen.js'
import { planImages } from './images.js'
import { type Plan, run } from './plan.js'
import { planSheets } from './sheets.js'
import { findUsedFiles } from './used-files.js'

/** Resolves with whether the page has changed, or with `undefined` when only a reload can show the messages. */
export type Updater = (messages: readonly ChangeMessage[], receivedAt: number) => Promise<boolean | undefined>

/** What the page was loading when the change came has loaded by then. */
const RECHECK_DELAY_MS = 1000

/**
 * Must not be called again before its promise has settled. `documentFile`: the file this document came from, if it is known.
 * `reload` is called when the page turns out to use a changed file after all.
 */
export function createUpdater (page: Page, documentFile: string | undefined, reload: () => void): Updater {
  const { base } = page
  /** By path. The epoch is part of the version: each process counts from zero, and caches remember the answers of others. */
  const newest = new Map<string, Version>()

  return async (messages, receivedAt) => {
    const roots = findRoots()
    const used = findUsedFiles(roots, base, documentFile)
    const files = messages.flatMap(message => message.type === 'reload' ? message.files ?? [] : [])
    const updates = messages.flatMap(message => message.type === 'update' ? message.updates.map(update => ({ was: update.path, ...update, seq: message.seq })) : [])
    if (used.mayUse(files) || updates.some(({ was }) => used.isUsedByScript(was))) return undefined
    // Another file has taken its place before, so nothing in the page has this name any longer.
    const found = new Set<string>()
    for (const [was, [path]] of newest) if (path !== was) found.add(was)
    for (const { path, was, seq } of updates) {
      newest.delete(was)
      newest.set(was, [path, `${page.epoch}.${seq}`])
    }

    const plan: Plan = { freshen: createFreshen(newest, found, used.fileAt), loads: [], commits: [], undos: [] }
    for (const root of roots) {
      planSheets(root, plan)
      planImages(root, plan)
    }
    // `names`: the server has seen that only names of style sheets differ in the document.
    const unseen = updates.filter(({ kind, path, was }) => !found.has(was) && !(kind === 'names' && path === documentFile)).map(({ was }) => was)
    if (used.mayUse(unseen)) return undefined
    await run(plan)
    const ignored = [...files, ...unseen]
    setTimeout(() => { if (findUsedFiles(findRoots(), base, documentFile, receivedAt).mayUse(ignored)) reload() }, RECHECK_DELAY_MS)
    return plan.commits.length > 0
  }
}
