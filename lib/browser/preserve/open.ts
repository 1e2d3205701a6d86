// Keeps open details, dialogs, popovers, and custom elements with the attribute `open`. What is closed stays as the page says.
import type { Keeper } from './keeper.js'

// `:is()` ignores selectors that a browser does not know.
const OPEN = ':is([open], :popover-open)'

export const open: Keeper<HTMLDialogElement, boolean> = {
  selector: OPEN,
  read: element => element.matches(':modal'),
  restore (element, modal) {
    if (element.matches(OPEN)) return
    if (modal) element.showModal()
    else if (element.popover) element.showPopover()
    // Not the property `open`: a custom element may have a method of that name.
    else element.setAttribute('open', '')
  }
}
