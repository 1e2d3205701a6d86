// Colours, links and cursor movements taken out of what a terminal would show.
/* eslint-disable no-control-regex */
const CODES = /\x1b\][^\x07\x1b]{0,2048}(?:\x07|\x1b\\)|\x1b[[\]()#;?]*(?:\d{1,4}(?:[;:]\d{0,4}){0,16})?[\dA-PR-TZcf-nq-uy=><~]/g
const CONTROLS = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/g

/** Plain text; of a line that was overwritten with carriage returns only what was last to be seen. */
export function stripAnsi (text: string): string {
  const plain = text.replace(CODES, '')
  return (plain.includes('\r') ? plain.split('\n').map(lastSeen).join('\n') : plain).replace(CONTROLS, '')
}

// No expression: on a long line they take the square of its length.
function lastSeen (line: string): string {
  let end = line.length
  while (line[end - 1] === '\r') end--
  return line.slice(line.lastIndexOf('\r', end - 1) + 1, end)
}
