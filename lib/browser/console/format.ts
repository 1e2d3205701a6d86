// What was logged as text, as consoles print it: bounded in depth, width and length, and without calling what is looked at.

const DEPTH = 3
const WIDTH = 20
/** Characters of a line, and of a string inside of something. */
const LONGEST = 4000
const INNER = 200
/** Values looked at for one line. */
const LOOKS = 300
// eslint-disable-next-line no-control-regex
const COLOUR = /\u001b\[[\d;]*[a-z]/gi
/** Names whose values nobody means to log. */
const SECRET = /passw|passphrase|secret|token|api.?key|private.?key|credential|cookie|authorization/i

interface Look { left: number, readonly above: readonly unknown[] }

/** `%s` and the like are read in a first string. */
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
        return text(value)
      })]
  return [...head, ...(head.length > 0 ? rest : values).map(text)].join(' ')
}

/** One value. */
export const text = (value: unknown): string => typeof value === 'string' ? value : show(value, { left: LOOKS, above: [] })

// Of the page's own addresses the path is enough. At three bytes a character the line stays below what a message may have.
export function clean (line: string): string {
  const plain = line.slice(0, LONGEST * 2).replaceAll(`${origin}/`, '/').replace(COLOUR, '').replace(/(?![\n\t])\p{Cc}/gu, '').replace(/\p{Cs}/gu, '\ufffd')
  return plain.length > LONGEST ? `${plain.slice(0, LONGEST).replace(/[\ud800-\udbff]$/, '')}…` : plain
}

function show (value: unknown, look: Look): string {
  if (look.left-- <= 0) return '…'
  if (typeof value === 'string') return JSON.stringify(value.length > INNER ? `${value.slice(0, INNER)}…` : value)
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'function') return `[Function ${value.name || 'anonymous'}]`
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? '-0' : String(value)
  if (look.above.includes(value)) return '[Circular]'
  try {
    return showObject(value, look)
  } catch {
    return '[Object that throws]'
  }
}

function showObject (value: object, look: Look): string {
  if (value instanceof Error) return showError(value, look)
  if (value instanceof Node) return showNode(value)
  if (value instanceof Date || value instanceof RegExp) return value instanceof Date && !Number.isNaN(value.getTime()) ? value.toISOString() : String(value)
  const name = nameOf(value)
  if (look.above.length >= DEPTH) return `[${name || 'Object'}]`
  const inner = (one: unknown) => {
    const below = { left: look.left, above: [...look.above, value] }
    const shown = show(one, below)
    look.left = below.left
    return shown
  }
  if (Array.isArray(value)) return `[${listed(value, value.length, inner)}]`
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    const numbers = value as Uint8Array
    return `${name}(${numbers.length}) [${listed(numbers.subarray(0, WIDTH), numbers.length, inner)}]`
  }
  if (value instanceof Map) return `Map(${value.size}) {${listed(value, value.size, ([key, one]) => `${inner(key)} => ${inner(one)}`)}}`
  if (value instanceof Set) return `Set(${value.size}) {${listed(value, value.size, inner)}}`
  const keys = Object.keys(value)
  const entry = (key: string) => {
    const property = Object.getOwnPropertyDescriptor(value, key)
    return `${/^[\w$]+$/.test(key) ? key : JSON.stringify(key)}: ${property?.get ? '[Getter]' : SECRET.test(key) ? '***' : inner(property?.value)}`
  }
  return `${name === 'Object' ? '' : `${name || '[no prototype]'} `}{${listed(keys, keys.length, entry)}}`
}

function listed<T> (all: Iterable<T>, size: number, shown: (one: T) => string): string {
  const parts: string[] = []
  for (const one of all) {
    if (parts.length === WIDTH) break
    parts.push(shown(one))
  }
  if (size > WIDTH) parts.push(`… ${size - WIDTH} more`)
  return parts.join(', ')
}

// Chromium's stacks begin with the message, those of others do not.
function showError (error: Error, look: Look): string {
  const { name, message, stack = '', cause } = error
  const head = message ? `${name}: ${message}` : name
  const whole = stack.includes(message) && stack.includes(name) ? stack : `${head}\n${stack}`
  return cause === undefined ? whole.trimEnd() : `${whole.trimEnd()}\ncaused by ${show(cause, { left: look.left, above: [...look.above, error] })}`
}

function showNode (node: Node): string {
  if (!(node instanceof Element)) return node.nodeType === Node.TEXT_NODE ? `#text ${JSON.stringify(String(node.nodeValue).slice(0, INNER))}` : node.nodeName
  const classes = [...node.classList].map(name => `.${name}`).join('')
  return `<${node.localName}${node.id ? `#${node.id}` : ''}${classes}>`
}

function nameOf (value: object): string {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null ? '' : String((prototype as object).constructor?.name ?? '')
}
