// Colours, links and cursor movements taken out of what a terminal would show.
/* eslint-disable no-control-regex */
const CODES = /\x1b\][^\x07\x1b]{0,2048}(?:\x07|\x1b\\)|\x1b[[\]()#;?]*(?:\d{1,4}(?:[;:]\d{0,4}){0,16})?[\dA-PR-TZcf-nq-uy=><~]/g
const CONTROLS = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/g

/** Plain text; of a line that was overwritten with carriage returns only what was last to be seen. */
export function stripAnsi (text: string): string {
  return text.replace(CODES, '').replace(/\r+\n/g, '\n').replace(/[^\n]*\r(?=[^\n])/g, '').replace(/\r/g, '').replace(CONTROLS, '')
}
