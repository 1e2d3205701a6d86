// One line of a builder's output that names a place: tsc (both forms), and what most tools print.
import type { Diagnostic } from '../../../types/build.js'

type Severity = Diagnostic['severity']
interface Form { readonly pattern: RegExp, read (match: RegExpExecArray): Diagnostic }

const severity = (word: string | undefined): Severity => /^warn/i.test(word as string) ? 'warning' : 'error'
const at = (file: string | undefined, line: string | undefined, column: string | undefined) =>
  ({ file: file as string, line: Number(line), ...(column !== undefined && { column: Number(column) }) })

const FORMS: readonly Form[] = [
  // src/a.ts(3,7): error TS2322: Type ...
  { pattern: /^([^\s(][^(\n]*)\((\d+),(\d+)\): (error|warning) (TS\d+): (.+)$/, read: m => ({ severity: severity(m[4]), message: `${m[5]}: ${m[6]}`, ...at(m[1], m[2], m[3]) }) },
  // src/a.ts:3:7 - error TS2322: Type ...
  { pattern: /^([^\s:][^:\n]*):(\d+):(\d+) - (error|warning) (TS\d+): (.+)$/, read: m => ({ severity: severity(m[4]), message: `${m[5]}: ${m[6]}`, ...at(m[1], m[2], m[3]) }) },
  // src/a.js:3:7: ERROR: ...   (esbuild's thrown message, gcc, and many more)
  { pattern: /^((?:[A-Za-z]:[\\/])?[^\s:][^:\n]*\.[\w-]+):(\d+):(\d+):? +(?:fatal )?(error|warning)s?:? +(.+)$/i, read: m => ({ severity: severity(m[4]), message: m[5] as string, ...at(m[1], m[2], m[3]) }) },
  // src/a.js:3:7: something
  { pattern: /^((?:[A-Za-z]:[\\/])?[^\s:][^:\n]*\.[\w-]+):(\d+):(\d+): +(.+)$/, read: m => ({ severity: 'error', message: m[4] as string, ...at(m[1], m[2], m[3]) }) }
]

export function parseLine (line: string): Diagnostic | undefined {
  for (const { pattern, read } of FORMS) {
    const match = pattern.exec(line)
    if (match !== null) return read(match)
  }
  return undefined
}
