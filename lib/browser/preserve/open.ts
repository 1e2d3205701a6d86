// What is open: details, dialogs (modal or not), popovers. What is closed is left as the page says.
import type { Keeper } from './keeper.js'

export const details: Keeper<true> = {
  take: element => element instanceof HTMLDetailsElement && element.open ? true : undefined,
  put (element) {
    if (element instanceof HTMLDetailsElement) element.open = true
    return true
  }
}

export const dialogs: Keeper<boolean> = {
  take: element => element instanceof HTMLDialogElement && element.open ? element.matches(':modal') : undefined,
  put (element, modal) {
    if (!(element instanceof HTMLDialogElement) || element.open) return true
    if (modal) element.showModal()
    else element.show()
    return true
  }
}

export const popovers: Keeper<true> = {
  take: element => element instanceof HTMLElement && element.popover && element.matches(':popover-open') ? true : undefined,
  put (element) {
    if (element instanceof HTMLElement && element.popover && !element.matches(':popover-open')) element.showPopover()
    return true
  }
}
