// Tells input of the user from values that the page has set itself.
import type { InitialValues } from './client.js'

/** `typed` gets the elements that the user types into, `initialValues` the values after the page has loaded: what its scripts have set by then is no input. */
export function watchUserInput (client: { readonly typed: Set<EventTarget>, initialValues: InitialValues }): void {
  addEventListener('input', event => {
    const [element] = event.composedPath()
    if (event.isTrusted && element) client.typed.add(element)
  }, true)
  addEventListener('load', () => setTimeout(() => {
    const fields = Document.prototype.querySelectorAll.call(document, 'input,textarea,select,[open]') as NodeListOf<HTMLInputElement>
    client.initialValues = Array.from(fields, element => [element, element.value, element.checked, element.type])
  }))
}
