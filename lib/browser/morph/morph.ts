// Entry of `morph.js`: shows changes of the page's HTML in place and leaves other changes to the updater.
import type { ChangeMessage, Update } from '../../../types/message.js'
import type { Page } from '../page/tag.js'
import type { Updater } from '../update/update.js'
import { change, preloadSheets, prepare, refuse } from './change.js'
import { createDependencyCheck } from './dependency-check.js'
import { createSource, isFrom } from './source.js'

export interface MorphModule {
  /** `documentFile`: the file the document came from, if it is known. */
  createMorph (updater: Updater, page: Page, documentFile: string | undefined): Updater
}

export function createMorph (updater: Updater, { base, posted, epoch, seq }: Page, documentFile: string | undefined): Updater {
  // The server of another origin does not know the page.
  if (posted || window !== top || new URL(base).origin !== origin) return updater
  const fetchHtml = createSource()
  const hasOtherDependents = createDependencyCheck(base, documentFile)
  const initial = whenLoaded().then(fetchHtml)
  // Reported when it is needed.
  initial.catch(() => {})
  let current = initial
  let last: Promise<unknown> = Promise.resolve()

  const isOfPage = ({ kind, path }: Update) => kind === 'html' && (!documentFile || path === documentFile)

  async function show (messages: readonly ChangeMessage[], receivedAt: number): Promise<boolean | undefined> {
    const paths = messages.flatMap(message => message.type === 'update' ? message.updates : []).filter(isOfPage).map(({ path }) => path)
    const rest = messages.flatMap(message => without(message, isOfPage))
    if (paths.length === 0) return updater(rest, receivedAt)
    if (hasOtherDependents(paths)) return undefined
    const was = await current
    if (current === initial && !isFrom(was, `${epoch}:${seq}`)) refuse('it has changed since it was loaded')
    const now = await fetchHtml()
    const differs = prepare(was, now)
    // The first fetch may have been too late and have brought the new HTML. Later ones bring what the page shows.
    if (!differs && current === initial) refuse('its HTML is the same')
    const done = rest.length > 0 ? await updater(rest, receivedAt) : false
    if (!differs || done === undefined) return done
    await preloadSheets(was, now)
    change(was, now)
    current = Promise.resolve(now)
    return true
  }

  return (messages, receivedAt) => {
    const next = last.then(() => show(messages, receivedAt))
    last = next.catch(() => {})
    return next
  }
}

/** Other documents are files like any other: pages that use them reload. */
function without (message: ChangeMessage, isOfPage: (update: Update) => boolean): ChangeMessage[] {
  if (message.type === 'reload') return [message]
  const { seq } = message
  const updates = message.updates.filter(({ kind }) => kind !== 'html')
  const files = message.updates.filter(update => update.kind === 'html' && !isOfPage(update)).map(({ path }) => path)
  return [...updates.length > 0 ? [{ type: 'update', seq, updates } as const] : [], ...files.length > 0 ? [{ type: 'reload', seq, files } as const] : []]
}

function whenLoaded (): Promise<unknown> {
  return document.readyState === 'complete' ? Promise.resolve() : new Promise(resolve => { addEventListener('load', resolve) })
}
