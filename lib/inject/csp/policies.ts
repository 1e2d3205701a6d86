// The policies that a reply brings in its headers, opened for our script as far as they forbid it.
import { randomBytes } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { createPolicy, policiesOf, sandboxOf } from './csp.js'
import type { Policy } from './csp.js'
import type { Headers } from '../reply.js'

export interface Policies {
  /** For those that the document itself brings, and for the tag. */
  readonly policy: Policy
  /** What the headers have to be instead. */
  readonly headers: Readonly<Record<string, string>>
  /** No script of ours may run there. */
  readonly refusal: string | undefined
}

export interface PoliciesParts {
  readonly base: string
  opened (request: FastifyRequest, change: string): void
  late (request: FastifyRequest): void
}

const ENFORCED = 'content-security-policy'
const REPORTED = 'content-security-policy-report-only'

export function openPolicies (request: FastifyRequest, given: Headers, { base, opened, late }: PoliciesParts): Policies {
  const host = request.raw.headers.host ?? request.raw.headers[':authority']
  // A proxy may have ended TLS. Anybody may say so: it only decides which words of ours are added.
  const secure = request.protocol === 'https' || /^\s*https\b/i.test(String(request.raw.headers['x-forwarded-proto']))
  const policy = createPolicy({ base, host: host as string | undefined, secure, random: () => randomBytes(18).toString('base64'), changed: change => opened(request, change), tooLate: () => late(request) })
  const headers: Record<string, string> = {}
  for (const name of [ENFORCED, REPORTED]) {
    if (given[name] === undefined) continue
    const before = policiesOf(given[name])
    const after = before.map(policy.extend)
    if (after.some((one, i) => one !== before[i])) headers[name] = after.join(',')
  }
  return { policy, headers, refusal: given[ENFORCED] === undefined ? undefined : sandboxOf(policiesOf(given[ENFORCED])) }
}
