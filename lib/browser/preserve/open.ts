// What is open: details, dialogs (modal or not), popovers, and elements of the page's own that say so. What is closed is left as the page says.
import type { Keeper } from './keeper.js'

// In a list like this a browser passes over what it does not know.
const OPEN = ':is([open], :popover-open)'

export const open: Keeper<HTMLDialogElement, boolean> = {
  of: OPEN,
  take: element => element.matches(':modal'),
  put (element, modal) {
    if (element.matches(OPEN)) return
    if (modal) element.showModal()
    else if (element.popover) element.showPopover()
    // Not the property: elements of the page's own may have a method of that name.
    else element.setAttribute('open', '')
  }
}
