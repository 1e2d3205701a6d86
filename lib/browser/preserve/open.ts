// What is open: details, dialogs (modal or not), popovers. What is closed is left as the page says.
import type { Keeper } from './keeper.js'

export const details: Keeper<HTMLDetailsElement, true> = {
  of: 'details[open]',
  take: () => true,
  put (element) { element.open = true }
}

export const dialogs: Keeper<HTMLDialogElement, boolean> = {
  of: 'dialog[open]',
  take: element => element.matches(':modal'),
  put (element, modal) {
    if (element.open) return
    if (modal) element.showModal()
    else element.show()
  }
}

export const popovers: Keeper<HTMLElement, true> = {
  of: '[popover]',
  take: element => (element.popover && element.matches(':popover-open')) || undefined,
  put (element) {
    if (element.popover && !element.matches(':popover-open')) element.showPopover()
  }
}
