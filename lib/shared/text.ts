// Text from builds, errors and pages, made safe to show in a terminal, a log or a page.

// Hyperlinks and titles, colours and cursor moves, short sequences; each also in its one-byte form. Bounded, so that long text takes no longer than its length.
// Node's own `stripVTControlCharacters` takes letters of the text along, and knows neither one-byte forms nor `:` in colours.
// eslint-disable-next-line no-control-regex
const SEQUENCES = /(?:\u001b[\]PX^_]|[\u009d\u0090\u0098\u009e\u009f])[^\u0007\u001b\u0090\u0098\u009c-\u009f]{0,2048}(?:\u0007|\u001b\\|\u009c)|(?:\u001b\[|\u009b)[0-?]{0,64}[ -/]{0,8}[@-~]|\u001b[ -/]{0,8}[0-Z\\`-~]/g
// Characters that hide text or turn its direction around.
const HIDDEN = /[\u0080-\u009f\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** Text as a terminal shows it, without its colours: of a line that was overwritten by carriage returns only the last version. */
export function stripTerminal (text: string): string {
  const plain = text.replace(SEQUENCES, '')
  // eslint-disable-next-line no-control-regex
  return (plain.includes('\r') ? plain.split('\n').map(lastVersion).join('\n') : plain).replace(/[\0-\u0008\u000b-\u001f\u007f]/g, '')
}

/** Text for a page: at most `maxLength` characters and a note about the rest; what a terminal would hide is shown as a sign. */
export function clean (text: string, maxLength = Infinity): string {
  const short = text.length > maxLength ? text.slice(0, maxLength) : text
  const plain = short.replace(/\r\n?/g, '\n').replace(SEQUENCES, '')
    // eslint-disable-next-line no-control-regex
    .replace(/[\0-\u0008\u000b-\u001f]/g, c => String.fromCharCode(0x2400 + c.charCodeAt(0)))
    .replace(/\u007f/g, '\u2421')
    .replace(HIDDEN, '\ufffd')
  return short === text ? plain : `${plain}\n… truncated: ${text.length.toLocaleString('en')} characters in all`
}

/** For one line of a terminal or a log: every control and format character becomes `?`. */
export function printable (text: string, maxLength = Infinity): string {
  return text.slice(0, maxLength).replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '?')
}

/** Text as HTML, between tags and in quoted attributes. */
export function escape (text: unknown): string {
  return String(text).replace(/[&<>"']/g, char => ENTITIES[char] as string)
}

/** At most `max` characters, with an ellipsis for the rest. */
export function clip (text: string, max: number): string {
  return text.length > max ? `${text.slice(0, max)}…` : text
}

/** True for a version below the floor; both are numbers with dots, and what follows a `-` does not count. */
export function isOlder (version: string, floor: string): boolean {
  const [a, b] = [version, floor].map(text => text.replace(/-.*/, '').split('.').map(Number)) as [number[], number[]]
  const i = b.findIndex((part, at) => (a[at] ?? 0) !== part)
  return i !== -1 && (a[i] ?? 0) < (b[i] as number)
}

// No expression: on a long line it takes the square of its length.
function lastVersion (line: string): string {
  let end = line.length
  while (line[end - 1] === '\r') end--
  return line.slice(line.lastIndexOf('\r', end - 1) + 1, end)
}
