// One printed line that names a place: tsc (both forms), and what most tools print.
import type { Diagnostic } from '../../../types/build.js'

/** The groups are file, line, column, severity and message; the last form has no severity. */
const FORMS: readonly RegExp[] = [
  // src/a.ts(3,7): error TS2322: Type ...
  /^([^\s(][^(\n]*)\((\d+),(\d+)\): (error|warning) (TS\d+: .+)$/,
  // src/a.ts:3:7 - error TS2322: Type ...
  /^([^\s:][^:\n]*):(\d+):(\d+) - (error|warning) (TS\d+: .+)$/,
  // src/a.js:3:7: ERROR: ...   (esbuild's thrown message, gcc, and many more)
  /^((?:[A-Za-z]:[\\/])?[^\s:][^:\n]*\.[\w-]+):(\d+):(\d+):? +(?:fatal )?(error|warning)s?:? +(.+)$/i,
  // src/a.js:3:7: something
  /^((?:[A-Za-z]:[\\/])?[^\s:][^:\n]*\.[\w-]+):(\d+):(\d+): +()(.+)$/
]

export function parseLine (line: string): Diagnostic | undefined {
  for (const form of FORMS) {
    const [, file, row, column, severity = '', message = ''] = form.exec(line) ?? []
    if (file !== undefined) return { severity: /^warn/i.test(severity) ? 'warning' : 'error', message, file, line: Number(row), column: Number(column) }
  }
  return undefined
}
