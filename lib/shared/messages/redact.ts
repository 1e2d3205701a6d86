// Takes secrets out of what a build printed or threw, before it reaches logs, pages or the status.
import type { BuildResult, Diagnostic } from '../../../types/build.js'

const WORD = '(?:passw(?:or)?d|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credential)'
// Starts only where a name starts, and looks through it once: a bundle on one line has long runs of these characters.
const NAME = String.raw`(?<![\w-])(?=[\w-]*${WORD})[\w-]+`
const FLAG = String.raw`--(?=[\w-]{0,40}${WORD})[\w-]{1,80}`
const NAMED = new RegExp(`^${NAME}$`, 'i')
/** `API_KEY=...`, `--token ...`, `"password": "..."`. */
const ASSIGNED = new RegExp(String.raw`(${NAME}=(?![=>])|["']${NAME}["']\s*:\s*(?=["'])|${FLAG}[ =])(?:"[^"\n]*"|'[^'\n]*'|[^\s"'&,;]+)`, 'gi')
/** `redis://user:password@host`: RFC 3986, 3.2.1. */
const IN_URL = /(\b[a-z][a-z\d+.-]{0,40}:\/\/[^\s:@/]*:)[^\s@/]+(?=@)/gi
const HIDDEN = '***'
/** Shorter values are words that appear in many texts. */
const MIN_VALUE_CHARACTERS = 8

export interface Redact {
  text (text: string): string
  result (result: BuildResult): BuildResult
}

/** Hides values after names that say "secret", passwords in URLs, and the values of such variables of `env`. */
export function createRedact (env: Readonly<Record<string, string | undefined>> = process.env): Redact {
  const values = Object.entries(env).flatMap(([name, value]) => NAMED.test(name) && value !== undefined && value.length >= MIN_VALUE_CHARACTERS ? [value] : [])
  const hide = (text: string): string => values.reduce((left, value) => left.replaceAll(value, HIDDEN), text)
    .replace(IN_URL, `$1${HIDDEN}`)
    .replace(ASSIGNED, `$1${HIDDEN}`)
  const clean = (one: Diagnostic): Diagnostic => ({ ...one, message: hide(one.message), ...(one.stack !== undefined && { stack: hide(one.stack) }) })
  return {
    text: hide,
    result: result => ({ ...result, diagnostics: result.diagnostics.map(clean), ...(result.output !== undefined && { output: hide(result.output) }) })
  }
}
