// Where a syntax error is: Node does not tell it for an imported module, only for one it is asked to check.
import { execFile } from 'node:child_process'
import { parseNode } from '../diagnostics/node.js'
import type { Diagnostic } from '../../../types/build.js'

const LIMIT = 5_000
const MAX_CHECKS = 20

/** The place of the first of these files that does not parse. */
export async function locateSyntaxError (files: readonly string[]): Promise<Diagnostic | undefined> {
  for (const file of files.filter(file => /\.[cm]?js$/.test(file)).slice(0, MAX_CHECKS)) {
    const printed = await new Promise<string>(resolve => {
      execFile(process.execPath, ['--check', file], { timeout: LIMIT, windowsHide: true }, (_error, _stdout, stderr) => resolve(stderr))
    })
    const found = parseNode(printed.split('\n'), 0)?.diagnostic
    if (found?.file !== undefined) return found
  }
  return undefined
}
