// Text from builders, pages and requests, made safe to show.

// Hyperlinks and titles, colours and cursor moves, and the short sequences of terminals; each also in its one-byte form.
// eslint-disable-next-line no-control-regex -- it looks for control characters
const SEQUENCES = /(?:\u001b[\]PX^_]|[\u009d\u0090\u0098\u009e\u009f])[^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)|(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|\u001b[ -/]*[0-Z\\`-~]/g
// Characters that hide text, or reverse its direction.
const HIDDEN = /[\u0080-\u009f\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g

/** For a page: without terminal sequences, other control characters as visible signs. Notes what `maxLength` cut off. */
export function clean (text: string, maxLength = Infinity): string {
  const short = text.length > maxLength ? text.slice(0, maxLength) : text
  const plain = short.replace(/\r\n?/g, '\n').replace(SEQUENCES, '')
    // eslint-disable-next-line no-control-regex -- it looks for control characters
    .replace(/[\0-\u0008\u000b-\u001f]/g, c => String.fromCharCode(0x2400 + c.charCodeAt(0)))
    .replace(/\u007f/g, '\u2421')
    .replace(HIDDEN, '\ufffd')
  return short === text ? plain : `${plain}\n… truncated: ${text.length.toLocaleString('en')} characters in all`
}

/** For one line of a terminal or a log: every control and format character becomes `?`. */
export function printable (text: string, maxLength = Infinity): string {
  return text.slice(0, maxLength).replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '?')
}
