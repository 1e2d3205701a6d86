// Files that pages depend on and that are not there: perhaps a path is misspelt, and then an edit of the real file builds nothing.
import type { Diagnostic } from '../../../../types/build.js'
import type { Page } from '../../../../types/shards.js'
import { show } from '../../../errors.js'
import { MISSING } from './file-hashes.js'
import { filesOf } from './plan.js'

const MAX_WARNINGS = 5

export function warnOfMissing (pages: readonly Page[], hashes: ReadonlyMap<string, string>): Diagnostic[] {
  const users = new Map<string, Set<string>>()
  for (const page of pages) {
    for (const path of filesOf([page])) if (hashes.get(path) === MISSING) users.set(path, (users.get(path) ?? new Set()).add(page.id))
  }
  const messages = [...users].map(([path, [first, ...others]]) =>
    `the page ${show(first)}${others.length > 0 ? ` (and ${others.length} more)` : ''} depends on ${path}, which is not there or cannot be read`)
  const rest = messages.length - MAX_WARNINGS
  return [...messages.slice(0, MAX_WARNINGS), ...rest > 0 ? [`${rest} more files that pages depend on are not there`] : []].map(message => ({ severity: 'warning', message }))
}
