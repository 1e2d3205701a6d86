// To the clipboard, also where the modern way is not allowed (plain http of another machine).
import type { Make } from '../dom.js'

/** Whether it was copied. `near` takes a helper element for a moment. */
export async function copy (text: string, near: Element, make: Make): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    const field = make('textarea', { class: 'said', 'aria-hidden': 'true', tabindex: '-1' })
    field.value = text
    near.append(field)
    field.select()
    const copied = document.execCommand('copy')
    field.remove()
    return copied
  }
}
