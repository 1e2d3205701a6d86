// Decides what becomes of a reply that may be a page: `hook.ts` reads the reply, `apply.ts` carries the plan out. Pure.
import { openPolicies, type Policies } from './csp/policies.js'
import { isSafe, type Document } from './document.js'
import { isFresh, stampEtag } from './etag.js'
import { encodingOf, refusalOf } from './refusal.js'

export type Plan =
  /** The reply goes out as it is. */
  | { readonly action: 'refuse', readonly reason: string }
  /** The browser has this very page. */
  | { readonly action: 'not-modified', readonly page: PageEdits }
  /** The body is decoded, transformed and tagged, as far as each is needed. */
  | { readonly action: 'inject', readonly page: PageEdits }

/** What is done to a page. */
export interface PageEdits {
  /** Replaces the ETag of the reply. `undefined`: the reply gets none. */
  readonly etag: string | undefined
  readonly policies: Policies
  /** The request says what it is for (`Sec-Fetch-Dest`), so the reply is a document, however it begins. */
  readonly navigation: boolean
  /** It answers a form: the client must not send the form again. */
  readonly posted: boolean
  /** How the body is compressed. */
  readonly encoding: string | undefined
}

export interface PlanRules {
  /** Where the plugin's own routes are: `/__live/`. */
  readonly base: string
  /** The token in the tag must not leak to a Host that is not allowed. */
  isHostAllowed (): boolean
  createNonce (): string
}

export function plan (document: Document, rules: PlanRules): Plan {
  const reason = refusalOf(document) ?? (rules.isHostAllowed() ? undefined : 'its Host is not allowed')
  if (reason !== undefined) return { action: 'refuse', reason }
  const policies = openPolicies(document, rules)
  if (policies.refusal !== undefined) return { action: 'refuse', reason: policies.refusal }
  const page: PageEdits = {
    // A cached copy has the nonce of another reply.
    etag: policies.nonce === undefined ? stampEtag(document.headers, document.stamp) : undefined,
    policies,
    navigation: document.requestHeaders['sec-fetch-dest'] !== undefined,
    posted: !isSafe(document.method),
    encoding: encodingOf(document)
  }
  return { action: isFresh(document, page.etag) ? 'not-modified' : 'inject', page }
}
