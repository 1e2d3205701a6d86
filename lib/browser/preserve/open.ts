// What is open: details, dialogs (modal or not), popovers. What is closed is left as the page says.
import type { Keeper } from './keeper.js'

type How = 'show' | 'showModal' | 'showPopover' | ''

// In a list like this a browser passes over what it does not know.
const OPEN = ':is(details[open], dialog[open], :popover-open)'

export const open: Keeper<HTMLDialogElement, How> = {
  of: OPEN,
  made: true,
  take: element => element.matches(':modal') ? 'showModal' : element.popover ? 'showPopover' : element.localName === 'dialog' ? 'show' : '',
  put (element, how) {
    if (element.matches(OPEN)) return
    if (how) element[how]()
    else element.open = true
  }
}
