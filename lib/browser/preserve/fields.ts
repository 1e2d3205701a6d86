// Keeps what the user typed or chose in form fields. Only values that differ from the page's own, so that an edit of the page is seen.
import type { Keeper } from './keeper.js'

/** Only a select has `options`. */
type Field = HTMLInputElement & { readonly options?: HTMLOptionsCollection }
/** Text, whether a box is checked, or the values of the selected options, whose positions may change. */
type Value = string | boolean | readonly string[]

const SECRET = /passw|\b(pass|pin)\b|pwd|secret|cvv|cvc|card.?num|\botp\b|\|.*(\bcc-|one-time-code)/i

/** Passwords, cards and codes are never kept. */
export function isSecret (element: Element): boolean {
  const { name, id, type } = element as Field
  return SECRET.test(`${name} ${id} ${type}|${element.getAttribute('autocomplete')}`)
}

function read ({ options, type, checked, value }: Field): Value {
  if (options) return [...options].filter(({ selected }) => selected).map(({ value }) => value)
  return /^(radio|checkbox)$/.test(type) ? checked : value
}

/** A copy as the page says: a range without a value stands in the middle, a select shows its first enabled option. */
function pristine (field: Field): Field {
  const copy = field.cloneNode(true) as Field
  if (!copy.options) {
    copy.value = copy.defaultValue
    copy.checked = copy.defaultChecked
  }
  return copy
}

export const fields: Keeper<Field, Value> = {
  selector: 'textarea, select, input:not([type=file])',
  read (field) {
    const value = read(field)
    return isSecret(field) || `${value}` === `${read(pristine(field))}` ? undefined : value
  },
  restore (field, value, last) {
    if (typeof value === 'string') field.value = value
    else if (typeof value === 'boolean') field.checked = value
    else {
      const options = [...field.options as HTMLOptionsCollection]
      const chosen = options.filter(option => value.includes(option.value))
      // Options may still be loading.
      if (chosen.length < value.length && !(last && chosen.length)) return !last
      for (const option of options) option.selected = chosen.includes(option)
    }
  }
}

/** No page may choose files. Their names are kept, to say which are lost unless the browser restores them. */
export const files: Keeper<HTMLInputElement, readonly string[]> = {
  selector: '[type=file]',
  read: ({ files }) => files?.length ? [...files].map(({ name }) => name) : undefined,
  restore: ({ files }) => !files?.length
}
