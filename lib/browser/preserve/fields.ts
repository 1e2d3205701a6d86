// What somebody typed or chose. Only what differs from what the page itself says: else an edit of the page would not be seen.
import type { Keeper } from './keeper.js'

/** `options`: of a list, the others have none. */
type Field = HTMLInputElement & { readonly options?: HTMLOptionsCollection }
/** Text, whether a box is ticked, or the values of what is chosen: other options may come between them. */
type Value = string | boolean | readonly string[]

const SECRET = /passw|pwd|secret|cvv|cvc|card.?num|\botp\b|\|.*(\bcc-|one-time-code)/i

/** Never kept: passwords, cards, codes, by whatever says so. */
export function isSecret (element: Element): boolean {
  const { name, id, type } = element as Field
  return SECRET.test(`${name} ${id} ${type}|${element.getAttribute('autocomplete')}`)
}

function read ({ options, type, checked, value }: Field): Value {
  if (options) return [...options].filter(({ selected }) => selected).map(({ value }) => value)
  return /^(radio|checkbox)$/.test(type) ? checked : value
}

/** As it is where nobody has touched it: a range without a value stands in the middle, a list shows the first that can be chosen. */
function pristine (field: Field): Field {
  const copy = field.cloneNode(true) as Field
  if (!copy.options) {
    copy.value = copy.defaultValue
    copy.checked = copy.defaultChecked
  }
  return copy
}

export const fields: Keeper<Field, Value> = {
  of: 'textarea, select, input:not([type=file])',
  take (field) {
    const value = read(field)
    return isSecret(field) || `${value}` === `${read(pristine(field))}` ? undefined : value
  },
  put (field, value, last) {
    if (typeof value === 'string') field.value = value
    else if (typeof value === 'boolean') field.checked = value
    else {
      const options = [...field.options as HTMLOptionsCollection]
      const chosen = options.filter(option => value.includes(option.value))
      // The list may still be on its way.
      if (chosen.length < value.length && !(last && chosen.length)) return !last
      for (const option of options) option.selected = chosen.includes(option)
    }
  }
}

/** A page can not choose files: what was chosen is said, unless the browser brings it back itself. */
export const files: Keeper<HTMLInputElement, readonly string[]> = {
  of: '[type=file]',
  take: ({ files }) => files?.length ? [...files].map(({ name }) => name) : undefined,
  put: ({ files }) => !files?.length
}
