// In which characters a document is written, as far as it matters: where the tag may be put, and in what bytes. Pure.

export interface Charset {
  /** Bytes as characters of one or two bytes each, so that places are found without decoding. */
  view (bytes: Buffer): string
  /** Bytes a character takes in the view. */
  readonly unit: 1 | 2
  encode (tag: string): Buffer
}

const ASCII_BASED = /^(?:utf-?8|us-ascii|ascii|iso-?8859-?\d+\w*|latin-?\d+|windows-\d+|cp125\d|koi8-\w+|mac\w*|x-mac-\w+|gbk|gb\d+|big5\w*|euc-\w+|shift[_-]jis|sjis|tis-620)$/i
const LITTLE = /^(?:utf-16(?:le)?|unicode|ucs-2|iso-10646-ucs-2|csunicode|unicodefeff)$/i
const BIG = /^(?:utf-16be|unicodefffe)$/i

/** One that contains ASCII, each character as one byte of its own. */
export const ASCII: Charset = { view: bytes => bytes.toString('latin1'), unit: 1, encode: tag => Buffer.from(tag) }
export const UTF16LE: Charset = { view: bytes => bytes.toString('utf16le'), unit: 2, encode: tag => Buffer.from(tag, 'utf16le') }
export const UTF16BE: Charset = { view: bytes => swap(bytes).toString('utf16le'), unit: 2, encode: tag => swap(Buffer.from(tag, 'utf16le')) }

/** What a Content-Type says. `undefined`: one we can not write in. */
export function declaredCharset (type: string): Charset | undefined {
  const name = /;\s*charset\s*=\s*["']?\s*([^\s"';]+)/i.exec(type)?.[1]
  if (name === undefined || ASCII_BASED.test(name)) return ASCII
  return LITTLE.test(name) ? UTF16LE : BIG.test(name) ? UTF16BE : undefined
}

/** What the first bytes say wins over what is declared, as in browsers. `undefined`: zeros beside ASCII, without a mark. */
export function charsetOf (bytes: Buffer, declared: Charset): Charset | undefined {
  const [a, b] = bytes
  if (a === 0xFF && b === 0xFE) return UTF16LE
  if (a === 0xFE && b === 0xFF) return UTF16BE
  if (a === 0xEF && b === 0xBB) return ASCII
  return declared.unit === 1 && (a === 0 || b === 0) ? undefined : declared
}

// Without the odd byte at the end, as `toString` does.
function swap (bytes: Buffer): Buffer {
  return Buffer.from(bytes.subarray(0, bytes.length & ~1)).swap16()
}
