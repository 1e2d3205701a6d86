// A module of its own, fetched where a page may be changed in place: shows what became of its HTML, and leaves the rest to the updater.
import type { ChangeMessage, Update } from '../../../types/message.js'
import type { Page } from '../tag.js'
import type { Updater } from '../update/update.js'
import { change, fetchSheets, prepare, refuse } from './change.js'
import { createHeld } from './held.js'
import { createSource, isFrom } from './source.js'

export interface MorphModule {
  /** `own`: the file the document came from, if it is known. `address`: where the page is to be asked for. */
  createMorph (updater: Updater, page: Page, own: string | undefined, address: () => URL): Updater
}

export function createMorph (updater: Updater, { base, posted, epoch, seq }: Page, own: string | undefined, address: () => URL): Updater {
  // Where another server has the page, ours does not know it.
  if (posted || window !== top || new URL(base).origin !== origin) return updater
  const ask = createSource(address)
  const isHeld = createHeld(base, own)
  const first = whenLoaded().then(ask)
  // Said when it is needed.
  first.catch(() => {})
  let made = first
  let last: Promise<unknown> = Promise.resolve()

  const isMaker = ({ kind, path }: Update) => kind === 'html' && (!own || path === own)

  async function show (messages: readonly ChangeMessage[], came: number): Promise<boolean | undefined> {
    const makers = messages.flatMap(message => message.type === 'update' ? message.updates : []).filter(isMaker).map(({ path }) => path)
    const rest = messages.flatMap(message => without(message, isMaker))
    if (makers.length === 0) return updater(rest, came)
    if (isHeld(makers)) return undefined
    const was = await made
    if (made === first && !isFrom(was, `${epoch}:${seq}`)) refuse('it has changed since it was loaded')
    const now = await ask()
    const differs = prepare(was, now)
    // The first may have been asked for a moment too late, and be the new one already. Any other is what the page shows.
    if (!differs && made === first) refuse('its HTML is the same')
    const done = rest.length > 0 ? await updater(rest, came) : false
    if (!differs || done === undefined) return done
    await fetchSheets(was, now)
    change(was, now)
    made = Promise.resolve(now)
    return true
  }

  return (messages, came) => {
    const next = last.then(() => show(messages, came))
    last = next.catch(() => {})
    return next
  }
}

/** Other documents are files like any other: who used them reloads. */
function without (message: ChangeMessage, isMaker: (update: Update) => boolean): ChangeMessage[] {
  if (message.type === 'reload') return [message]
  const { seq } = message
  const updates = message.updates.filter(({ kind }) => kind !== 'html')
  const files = message.updates.filter(update => update.kind === 'html' && !isMaker(update)).map(({ path }) => path)
  return [...updates.length > 0 ? [{ type: 'update', seq, updates } as const] : [], ...files.length > 0 ? [{ type: 'reload', seq, files } as const] : []]
}

function whenLoaded (): Promise<unknown> {
  return document.readyState === 'complete' ? Promise.resolve() : new Promise(resolve => { addEventListener('load', resolve) })
}
