// The page from one HTML to the next: what that brings is loaded first, then all changes at once, or nothing does.
import { fetchAhead, settle } from '../update/settle.js'
import { mergeAttributes } from './attributes.js'
import { merge } from './merge.js'
import { isSame, partOf, select, SHEET } from './nodes.js'
import { createSketch } from './sketch.js'

/** Whether there is something to change. Throws when only a reload can be right. */
export function prepare (was: Document, now: Document): boolean {
  for (const one of ['contentType', 'characterSet', 'compatMode'] as const) {
    if (now[one] !== document[one] || document[one] === 'application/xhtml+xml') refuse(`its ${one} is ${now[one]}`)
  }
  tidy(was)
  tidy(now)
  return !isSame(was, now)
}

/** Loads what the change brings. */
export async function fetchSheets (was: Document, now: Document): Promise<void> {
  const known = sheetsOf(was)
  await Promise.allSettled(sheetsOf(now).filter(href => !known.includes(href)).map(fetchAhead))
}

/** It was not asked for by the address of the page. */
const sheetsOf = (made: Document) => select(made, SHEET).map(link => new URL(link.getAttribute('href') as string, document.baseURI).href)

/** Throws before it changes anything when only a reload can be right. */
export function change (was: Document, now: Document): void {
  const sketch = createSketch()
  for (const name of ['html', 'head', 'body'] as const) {
    const [live, before, after] = [document, was, now].map(made => partOf(made, name))
    if (!live || !before || !after) sketch.refuse(`it has no ${name}`)
    else if (name === 'html') mergeAttributes(live, before, after, sketch)
    else merge(live, before, after, sketch)
  }
  const { edits, coming, leaving, refusal } = sketch
  if (refusal) refuse(refusal)
  const loaded = Promise.allSettled(coming.map(link => settle(link)))
  for (const edit of edits) edit()
  const leave = () => { for (const node of leaving) node.remove() }
  // Not bare for a moment.
  if (coming.length > 0) loaded.then(leave)
  else leave()
}

/** Without our own tag, and with the nonces of the page instead of those of other answers. */
function tidy (made: Document): void {
  for (const tag of select(made, 'script[data-live-reload]')) tag.remove()
  const nonce = select(document, '[nonce]').find(({ nonce }) => nonce)?.nonce ?? ''
  for (const element of select(made, '[nonce]')) element.setAttribute('nonce', nonce)
}

export function refuse (why: string): never {
  console.debug(`[live-reload] reloads instead of changing the page: ${why}`)
  throw new Error(why)
}
