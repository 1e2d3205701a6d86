// The policies in the headers of a reply, extended by what the client needs. Pure.
import type { Document } from '../document.js'
import { extendPolicy, policiesOf, sandboxOf, type Ours } from './csp.js'

export interface Policies {
  /** For the tag, when a policy asks for one. */
  readonly nonce: string | undefined
  /** Headers that replace those of the reply. */
  readonly headers: Readonly<Record<string, string>>
  /** What was added, for the log. */
  readonly changes: readonly string[]
  /** Why no script of ours may run in the page. */
  readonly refusal: string | undefined
}

export const ENFORCED = 'content-security-policy'
export const REPORTED = 'content-security-policy-report-only'

export function openPolicies ({ headers: given, requestHeaders, secure }: Document, { base, createNonce }: Pick<Ours, 'base' | 'createNonce'>): Policies {
  const host = requestHeaders.host ?? requestHeaders[':authority']
  const ours = { base, host: host as string | undefined, secure, createNonce }
  const headers: Record<string, string> = {}
  const changes: string[] = []
  let nonce: string | undefined
  for (const name of [ENFORCED, REPORTED]) {
    if (given[name] === undefined) continue
    const before = policiesOf(given[name])
    const after = before.map(policy => {
      const extended = extendPolicy(policy, nonce, ours)
      nonce = extended.nonce
      changes.push(...extended.changes)
      return extended.policy
    })
    if (after.some((one, i) => one !== before[i])) headers[name] = after.join(',')
  }
  return { nonce, headers, changes, refusal: given[ENFORCED] === undefined ? undefined : sandboxOf(policiesOf(given[ENFORCED])) }
}
