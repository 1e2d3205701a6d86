// What somebody typed or chose. Only what differs from what the page itself says: else an edit of the page would not be seen.
import type { Keeper } from './keeper.js'

type Choice = readonly [value: string, selected: boolean]

const SECRET = /passw|pwd|secret|cvv|cvc|card.?num|\botp\b/i
const SECRET_TOKEN = /^(cc-.*|one-time-code|(current|new)-password)$/

/** Never kept: passwords, cards, codes, by whatever says so. */
export function isSecret (element: Element): boolean {
  const { type } = element as HTMLInputElement
  const tokens = (element.getAttribute('autocomplete') ?? '').toLowerCase().split(/\s+/)
  return type === 'password' || tokens.some(token => SECRET_TOKEN.test(token)) || ['name', 'id'].some(name => SECRET.test(element.getAttribute(name) ?? ''))
}

const isBox = ({ type }: HTMLInputElement) => type === 'checkbox' || type === 'radio'

export const texts: Keeper<string> = {
  take (element) {
    if (!(element instanceof HTMLTextAreaElement || (element instanceof HTMLInputElement && !isBox(element) && element.type !== 'file'))) return undefined
    return element.value === element.defaultValue || isSecret(element) ? undefined : element.value
  },
  put (element, value) {
    if (element instanceof HTMLTextAreaElement || element instanceof HTMLInputElement) element.value = value
    return true
  }
}

export const boxes: Keeper<boolean> = {
  take: element => element instanceof HTMLInputElement && isBox(element) && element.checked !== element.defaultChecked ? element.checked : undefined,
  put (element, checked) {
    if (element instanceof HTMLInputElement) element.checked = checked
    return true
  }
}

/** Options by value: others may have come between them. */
export const choices: Keeper<readonly Choice[]> = {
  take (element) {
    if (!(element instanceof HTMLSelectElement) || isSecret(element)) return undefined
    const options = [...element.options]
    // A list that shows one always has one selected, whether the page says so or not.
    const said = options.some(({ defaultSelected }) => defaultSelected)
    const changed = element.multiple || said ? options.some(one => one.selected !== one.defaultSelected) : element.selectedIndex > 0
    return changed ? options.map(({ value, selected }) => [value, selected]) : undefined
  },
  put (element, wanted, last) {
    if (!(element instanceof HTMLSelectElement)) return true
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
export const files: Keeper<readonly string[]> = {
  take: element => element instanceof HTMLInputElement && element.type === 'file' && element.files?.length ? [...element.files].map(({ name }) => name) : undefined,
  put: element => element instanceof HTMLInputElement && !!element.files?.length
}
