// What is open: details, dialogs (modal or not), popovers. What is closed is left as the page says.
import type { Keeper } from './keeper.js'

// In a list like this a browser passes over what it does not know.
const OPEN = ':is(details[open], dialog[open], :popover-open)'

export const open: Keeper<HTMLDialogElement, boolean> = {
  of: OPEN,
  take: element => element.matches(':modal'),
  put (element, modal) {
    if (element.matches(OPEN)) return
    if (modal) element.showModal()
    else if (element.popover) element.showPopover()
    else element.open = true
  }
}
