// State over a reload: taken before the page goes, put back while the next one comes.
import type { Item } from '../memory.js'
import type { Tell } from '../note.js'
import { editables } from './editable.js'
import { fields, files } from './fields.js'
import { focus } from './focus.js'
import type { AnyKeeper } from './keeper.js'
import { media } from './media.js'
import { open } from './open.js'
import { findAll } from './place.js'
import { putBack } from './put-back.js'
import { scrollers } from './scrollers.js'

/** What fields showed when the page had loaded. */
export type Made = readonly (readonly [element: HTMLInputElement, value: string, checked: boolean, type: string])[]

/** In the order in which they are put back: what opens makes room for what scrolls, and the focus is where it was at last. */
const keepers: readonly AnyKeeper[] = [open, fields, files, editables, media, scrollers, focus]

/** What is lost when the page goes. */
export function keep (typed: ReadonlySet<EventTarget>, first: Made): Item[] {
  // As the page made it: to keep that would hide an edit of the page.
  // Of several that are chosen one value tells too little.
  const same = new Set<Element>()
  for (const [element, value, checked, type] of first) {
    // A password that is shown is one.
    if (type === 'password' || (element.value === value && element.checked === checked && !element.multiple && !typed.has(element))) same.add(element)
  }
  const found = findAll()
  const items: Item[] = []
  for (const [kind, { of, yields, take }] of keepers.entries()) {
    for (const [place, element] of found) {
      // A field of a form may be named `matches`.
      const value: unknown = Element.prototype.matches.call(element, of) && (yields || !same.has(element)) ? take(element as never, typed.has(element)) : undefined
      if (value !== undefined) items.push([kind, place, value])
    }
  }
  return items
}

/** `typed` is told what people typed and opened before. What could not be put back people are told: the names of files that have to be chosen again. */
export async function restore (items: readonly Item[], typed: Set<EventTarget>, note: Tell): Promise<void> {
  const left = await putBack(items, keepers, typed)
  const lost = left.flatMap(([kind, , names]) => keepers[kind] === files ? names as string[] : [])
  if (lost.length === 0) return
  note({ text: `Choose again: ${lost.join(', ')}`, hint: 'Dismiss', act: () => note(undefined) })
}
