// Formats logged values as a console prints them: bounded in depth, width and length, without calling getters.

const MAX_DEPTH = 3
const MAX_ENTRIES = 20
/** Characters of a line. */
const MAX_LINE_LENGTH = 4000
/** Characters of a string inside of an object. */
const MAX_INNER_LENGTH = 200
/** Values formatted for one line. */
const MAX_VALUES = 300
// eslint-disable-next-line no-control-regex
const COLOR_CODE = /\u001b\[[\d;]*[a-z]/gi
/** Names of properties whose values are not logged. */
const SECRET = /passw|passphrase|secret|token|api.?key|private.?key|credential|cookie|authorization/i

/** `left`: values that may still be formatted. `parents`: the objects around the value, to find cycles. */
interface Budget { left: number, readonly parents: readonly unknown[] }

/** Placeholders such as `%s` are replaced in a first string. */
export function format (values: readonly unknown[]): string {
  const [first, ...rest] = values
  const head = typeof first !== 'string'
    ? []
    : [first.replace(/%([sdifoOjc%])/g, (whole, kind: string) => {
        if (kind === '%') return '%'
        if (rest.length === 0) return whole
        const value = rest.shift()
        if (kind === 'c') return ''
        if (kind === 'd' || kind === 'i' || kind === 'f') return typeof value === 'object' ? 'NaN' : String(kind === 'f' ? Number(value) : Math.trunc(Number(value)))
        return formatValue(value)
      })]
  return [...head, ...(head.length > 0 ? rest : values).map(formatValue)].join(' ')
}

export const formatValue = (value: unknown): string => typeof value === 'string' ? value : formatInner(value, { left: MAX_VALUES, parents: [] })

/** Shortens addresses of the page to their path and removes control characters. With three bytes per character the line stays below the size limit of a message. */
export function clean (line: string): string {
  const plain = line.slice(0, MAX_LINE_LENGTH * 2).replaceAll(`${origin}/`, '/').replace(COLOR_CODE, '').replace(/(?![\n\t])\p{Cc}/gu, '').replace(/\p{Cs}/gu, '\ufffd')
  return plain.length > MAX_LINE_LENGTH ? `${plain.slice(0, MAX_LINE_LENGTH).replace(/[\ud800-\udbff]$/, '')}…` : plain
}

function formatInner (value: unknown, budget: Budget): string {
  if (budget.left-- <= 0) return '…'
  if (typeof value === 'string') return JSON.stringify(value.length > MAX_INNER_LENGTH ? `${value.slice(0, MAX_INNER_LENGTH)}…` : value)
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'function') return `[Function ${value.name || 'anonymous'}]`
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? '-0' : String(value)
  if (budget.parents.includes(value)) return '[Circular]'
  try {
    return formatObject(value, budget)
  } catch {
    return '[Object that throws]'
  }
}

function formatObject (value: object, budget: Budget): string {
  if (value instanceof Error) return formatError(value, budget)
  if (value instanceof Node) return formatNode(value)
  if (value instanceof Date || value instanceof RegExp) return value instanceof Date && !Number.isNaN(value.getTime()) ? value.toISOString() : String(value)
  const name = nameOf(value)
  if (budget.parents.length >= MAX_DEPTH) return `[${name || 'Object'}]`
  const inner = (one: unknown) => {
    const below = { left: budget.left, parents: [...budget.parents, value] }
    const shown = formatInner(one, below)
    budget.left = below.left
    return shown
  }
  if (Array.isArray(value)) return `[${formatList(value, value.length, inner)}]`
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    const numbers = value as Uint8Array
    return `${name}(${numbers.length}) [${formatList(numbers.subarray(0, MAX_ENTRIES), numbers.length, inner)}]`
  }
  if (value instanceof Map) return `Map(${value.size}) {${formatList(value, value.size, ([key, one]) => `${inner(key)} => ${inner(one)}`)}}`
  if (value instanceof Set) return `Set(${value.size}) {${formatList(value, value.size, inner)}}`
  const keys = Object.keys(value)
  const entry = (key: string) => {
    const property = Object.getOwnPropertyDescriptor(value, key)
    return `${/^[\w$]+$/.test(key) ? key : JSON.stringify(key)}: ${property?.get ? '[Getter]' : SECRET.test(key) ? '***' : inner(property?.value)}`
  }
  return `${name === 'Object' ? '' : `${name || '[no prototype]'} `}{${formatList(keys, keys.length, entry)}}`
}

function formatList<T> (all: Iterable<T>, size: number, shown: (one: T) => string): string {
  const parts: string[] = []
  for (const one of all) {
    if (parts.length === MAX_ENTRIES) break
    parts.push(shown(one))
  }
  if (size > MAX_ENTRIES) parts.push(`… ${size - MAX_ENTRIES} more`)
  return parts.join(', ')
}

// Only in Chromium a stack begins with the message.
function formatError (error: Error, budget: Budget): string {
  const { name, message, stack = '', cause } = error
  const head = message ? `${name}: ${message}` : name
  const whole = stack.includes(message) && stack.includes(name) ? stack : `${head}\n${stack}`
  return cause === undefined ? whole.trimEnd() : `${whole.trimEnd()}\ncaused by ${formatInner(cause, { left: budget.left, parents: [...budget.parents, error] })}`
}

function formatNode (node: Node): string {
  if (!(node instanceof Element)) return node.nodeType === Node.TEXT_NODE ? `#text ${JSON.stringify(String(node.nodeValue).slice(0, MAX_INNER_LENGTH))}` : node.nodeName
  const classes = [...node.classList].map(name => `.${name}`).join('')
  return `<${node.localName}${node.id ? `#${node.id}` : ''}${classes}>`
}

function nameOf (value: object): string {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null ? '' : String((prototype as object).constructor?.name ?? '')
}
