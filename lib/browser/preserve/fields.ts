// What somebody typed or chose. Only what differs from what the page itself says: else an edit of the page would not be seen.
import type { Keeper } from './keeper.js'

type Choice = readonly [value: string, selected: boolean]

const SECRET = /passw|pwd|secret|cvv|cvc|card.?num|\botp\b/i
const SECRET_TOKEN = /(^|\s)(cc-.*|one-time-code|(current|new)-password)(\s|$)/i

/** A copy of a field that nobody has touched: a range without a value stands in the middle, a list shows the first that can be chosen. */
function pristine<Field extends Element> (field: Field): Field {
  const form = Document.prototype.createElement.call(document, 'form') as HTMLFormElement
  const copy = field.cloneNode(true) as Field
  form.append(copy)
  // The field may be named `reset`.
  HTMLFormElement.prototype.reset.call(form)
  return copy
}

/** Never kept: passwords, cards, codes, by whatever says so. */
export function isSecret (element: Element): boolean {
  const said = (name: string) => element.getAttribute(name) ?? ''
  return (element as HTMLInputElement).type === 'password' || SECRET_TOKEN.test(said('autocomplete')) || SECRET.test(`${said('name')} ${said('id')}`)
}

export const texts: Keeper<HTMLInputElement | HTMLTextAreaElement, string> = {
  of: 'textarea, input:not([type=checkbox], [type=radio], [type=file])',
  take (element) {
    const { value, defaultValue } = element
    return value === defaultValue || value === pristine(element).value || isSecret(element) ? undefined : value
  },
  put (element, value) { element.value = value }
}

export const boxes: Keeper<HTMLInputElement, boolean> = {
  of: '[type=checkbox], [type=radio]',
  take: ({ checked, defaultChecked }) => checked === defaultChecked ? undefined : checked,
  put (element, checked) { element.checked = checked }
}

/** Options by value: others may have come between them. */
export const choices: Keeper<HTMLSelectElement, readonly Choice[]> = {
  of: 'select',
  take (element) {
    const options = [...element.options]
    const said = pristine(element).options
    return options.some(({ selected }, i) => selected !== said[i]?.selected) && !isSecret(element) ? options.map(({ value, selected }) => [value, selected]) : undefined
  },
  put (element, wanted, last) {
    const options = new Map([...element.options].map(option => [option.value, option]))
    // The list may still be on its way.
    if (!last && wanted.some(([value, selected]) => selected && !options.has(value))) return false
    for (const [value, selected] of wanted) {
      const option = options.get(value)
      if (option && (selected || element.multiple)) option.selected = selected
    }
    return true
  }
}

/** A page can not choose files: what was chosen is said, unless the browser brings it back itself. */
export const files: Keeper<HTMLInputElement, readonly string[]> = {
  of: '[type=file]',
  take: ({ files }) => files?.length ? [...files].map(({ name }) => name) : undefined,
  put: ({ files }) => !!files?.length
}
