// The pages of a site, checked before anything is built from them.
import type { Diagnostic } from '../../../../types/build.js'
import type { Page } from '../../../../types/shards.js'
import { show } from '../../../errors.js'
import { isSafePath, SAFE } from './paths.js'

const TEXTS = ['file', 'hash', 'section', 'version', 'kind'] as const
const MAX_NAMED = 5

/** What is wrong with the pages that an app gave; empty when they are fine. */
export function checkPages (value: unknown, giver = 'pages()'): Diagnostic[] {
  if (!Array.isArray(value)) return [failure(`${giver} must give an array of pages, got ${show(value)}`)]
  const wrong: string[] = []
  const [ids, outputs] = [new Map<string, number>(), new Map<string, string>()]
  value.forEach((page: unknown, i) => {
    const problem = problemOf(page)
    if (problem !== undefined) return wrong.push(`[${i}]: ${problem}`)
    const { id, outputs: written = [] } = page as Page
    ids.set(id, (ids.get(id) ?? 0) + 1)
    for (const path of written) {
      const other = outputs.get(path)
      if (other !== undefined && other !== id) wrong.push(`[${i}]: the pages ${show(other)} and ${show(id)} are both written to ${path}`)
      outputs.set(path, id)
    }
  })
  const doubled = [...ids].filter(([, count]) => count > 1).map(([id]) => show(id))
  return [
    ...wrong.slice(0, MAX_NAMED).map(text => failure(`${giver}${text}`)),
    ...wrong.length > MAX_NAMED ? [failure(`${giver}: ${wrong.length - MAX_NAMED} more pages are wrong`)] : [],
    ...doubled.length > 0 ? [failure(`${giver}: each page needs an \`id\` of its own; used more than once: ${few(doubled)}`)] : []
  ]
}

function problemOf (page: unknown): string | undefined {
  if (typeof page !== 'object' || page === null) return `a page must be an object with an \`id\`, got ${show(page)}`
  const given = page as Record<string, unknown>
  if (typeof given.id !== 'string' || given.id === '') return `\`id\` must be a text, got ${show(given.id)}`
  for (const name of TEXTS) if (given[name] !== undefined && typeof given[name] !== 'string') return `\`${name}\` of the page ${show(given.id)} must be a text, got ${show(given[name])}`
  if (given.weight !== undefined && !(Number.isFinite(given.weight) && given.weight as number >= 0)) return `\`weight\` of the page ${show(given.id)} must be a number from 0, got ${show(given.weight)}`
  for (const name of ['deps', 'outputs']) {
    const list = given[name]
    if (list !== undefined && !(Array.isArray(list) && list.every(one => typeof one === 'string'))) return `\`${name}\` of the page ${show(given.id)} must be an array of texts, got ${show(list)}`
  }
  const unsafe = (given.outputs as string[] | undefined)?.find(path => !isSafePath(path))
  return unsafe === undefined ? undefined : `\`outputs\` of the page ${show(given.id)} must be paths ${SAFE}, got ${show(unsafe)}`
}

/** A version that no page has is misspelt. A site without any is not built by version. */
export function checkVersions (pages: readonly Page[], versions: readonly string[]): Diagnostic[] {
  const there = new Set(pages.flatMap(({ version }) => version ?? []))
  const missing = versions.filter(version => !there.has(version))
  if (there.size === 0 || missing.length === 0) return []
  return [failure(`no page has the version ${few(missing.map(show))}; there are ${few([...there].sort().map(show))}`)]
}

/** The first few of many. */
export function few (names: readonly string[]): string {
  return names.slice(0, MAX_NAMED).join(', ') + (names.length > MAX_NAMED ? ` and ${names.length - MAX_NAMED} more` : '')
}

export const failure = (message: string): Diagnostic => ({ severity: 'error', message })
