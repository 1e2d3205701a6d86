// Reads the state of the page before a reload and restores it in the next document.
import type { PageClient } from '../page/client.js'
import { type Item, takeState } from '../reload/memory.js'
import { editables } from './editable.js'
import { elementsByPath } from './element-paths.js'
import { fields, files } from './fields.js'
import { focus } from './focus.js'
import type { AnyKeeper } from './keeper.js'
import { media } from './media.js'
import { open } from './open.js'
import { restoreItems } from './restore.js'
import { scrollers } from './scrollers.js'

/** In the order of restoring: what opens makes room for what scrolls, and the focus comes last. */
const keepers: readonly AnyKeeper[] = [open, fields, files, editables, media, scrollers, focus]

export function collectState ({ typed, secrets, initialValues }: PageClient): Item[] {
  const unchanged = new Set(secrets)
  for (const [element, value, checked] of initialValues) {
    // The single `value` of a multiple select is not enough to compare.
    if (element.value === value && element.checked === checked && !element.multiple && !typed.has(element)) unchanged.add(element)
  }
  const elements = elementsByPath()
  const items: Item[] = []
  for (const [index, { selector, isViewState, read }] of keepers.entries()) {
    for (const [path, element] of elements) {
      // A form field may be named `matches`.
      const value: unknown = Element.prototype.matches.call(element, selector) && (isViewState || !unchanged.has(element)) ? read(element as never, typed.has(element)) : undefined
      if (value !== undefined) items.push([index, path, value])
    }
  }
  return items
}

/** Restores what was saved for this page, and names the files that have to be chosen again. */
export async function restoreState ({ page, typed, storage, showNotice }: PageClient): Promise<void> {
  const left = await restoreItems(takeState(storage, !!page.status), keepers, typed)
  const lost = left.flatMap(([index, , names]) => keepers[index] === files ? names as string[] : [])
  if (lost.length > 0) showNotice({ text: `Choose again: ${lost.join(', ')}`, hint: 'Dismiss', onClick: () => showNotice(undefined) })
}
