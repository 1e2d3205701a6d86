// What builders print, made harmless to look at: colours and links of terminals go, what is left of control characters is shown as a sign.

// Hyperlinks and titles, colours and cursor moves, the short sequences; each also in its one-byte form.
// eslint-disable-next-line no-control-regex -- finding control characters is what it is for
const SEQUENCES = /(?:\u001b[\]PX^_]|[\u009d\u0090\u0098\u009e\u009f])[^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)|(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|\u001b[ -/]*[0-Z\\`-~]/g
// Characters that hide text, or turn its direction around.
const HIDDEN = /[\u0080-\u009f\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g

/** One string, at most `most` characters and a note about the rest. */
export function clean (text: string, most = Infinity): string {
  const short = text.length > most ? text.slice(0, most) : text
  const plain = short.replace(/\r\n?/g, '\n').replace(SEQUENCES, '')
    // eslint-disable-next-line no-control-regex -- the same
    .replace(/[\0-\u0008\u000b-\u001f]/g, c => String.fromCharCode(0x2400 + c.charCodeAt(0)))
    .replace(/\u007f/g, '\u2421')
    .replace(HIDDEN, '\ufffd')
  return short === text ? plain : `${plain}\n… truncated: ${text.length.toLocaleString('en')} characters in all`
}
