// Changes the page from one HTML to the next: loads what is new first, then changes everything at once, or nothing.
import { preloadSheet, whenLoaded } from '../update/load-element.js'
import { mergeAttributes } from './attributes.js'
import { createEditPlan } from './edit-plan.js'
import { merge } from './merge.js'
import { isSame, partOf, select, SHEET } from './nodes.js'

/** Returns whether the two differ. Throws when only a reload can show the change. */
export function prepare (was: Document, now: Document): boolean {
  for (const property of ['contentType', 'characterSet', 'compatMode'] as const) {
    if (now[property] !== document[property] || document[property] === 'application/xhtml+xml') refuse(`its ${property} is ${now[property]}`)
  }
  normalize(was)
  normalize(now)
  return !isSame(was, now)
}

export async function preloadSheets (was: Document, now: Document): Promise<void> {
  const known = sheetsOf(was)
  await Promise.allSettled(sheetsOf(now).filter(href => !known.includes(href)).map(preloadSheet))
}

/** Resolved by the base of the page, which a fetched document does not have. */
const sheetsOf = (html: Document) => select(html, SHEET).map(link => new URL(link.getAttribute('href') as string, document.baseURI).href)

/** Throws before it changes anything when only a reload can show the change. */
export function change (was: Document, now: Document): void {
  const plan = createEditPlan()
  for (const name of ['html', 'head', 'body'] as const) {
    const [live, before, after] = [document, was, now].map(html => partOf(html, name))
    if (!live || !before || !after) plan.refuse(`it has no ${name}`)
    else if (name === 'html') mergeAttributes(live, before, after, plan)
    else merge(live, before, after, plan)
  }
  const { edits, newSheets, oldSheets, refusal } = plan
  if (refusal) refuse(refusal)
  const loaded = Promise.allSettled(newSheets.map(link => whenLoaded(link)))
  for (const edit of edits) edit()
  const removeOldSheets = () => { for (const node of oldSheets) node.remove() }
  // Not before the new sheets have loaded: the page would be without style for a moment.
  if (newSheets.length > 0) loaded.then(removeOldSheets)
  else removeOldSheets()
}

/** Removes our own tag, and replaces the nonces of the answer by that of the page. */
function normalize (html: Document): void {
  for (const tag of select(html, 'script[data-live-reload]')) tag.remove()
  const nonce = select(document, '[nonce]').find(({ nonce }) => nonce)?.nonce ?? ''
  for (const element of select(html, '[nonce]')) element.setAttribute('nonce', nonce)
}

export function refuse (reason: string): never {
  console.debug(`[live-reload] reloads instead of changing the page: ${reason}`)
  throw new Error(reason)
}
