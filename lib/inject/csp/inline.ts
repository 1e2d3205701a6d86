// The policies in the headers of a reply, extended by an inline import map and by the modules it leads to. Pure.
import type { Document } from '../document.js'
import { find, isOwnOrigin, missing, NONCE, normal, policiesOf, routesOf, SCRIPT, write, type Origin } from './csp.js'
import { ENFORCED, REPORTED } from './policies.js'

const HASH = /^'sha\d+-/

/** Headers that replace those of the reply. `hash`: that of the import map, `sha256-…`. */
export function allowImportMap ({ headers: given, requestHeaders, secure }: Document, base: string, hash: string): Record<string, string> {
  const origin = { base, host: (requestHeaders.host ?? requestHeaders[':authority']) as string | undefined, secure }
  const headers: Record<string, string> = {}
  for (const name of [ENFORCED, REPORTED]) {
    if (given[name] === undefined) continue
    const before = policiesOf(given[name])
    const after = before.map(policy => extend(policy, hash, origin))
    if (after.some((one, i) => one !== before[i])) headers[name] = after.join(',')
  }
  return headers
}

function extend (policy: string, hash: string, origin: Origin): string {
  const directives = policy.split(';')
  const scripts = find(directives, SCRIPT)
  if (scripts === undefined) return policy
  const added = missing(needed(scripts.sources.map(normal), hash, origin), scripts.sources)
  if (added.length === 0) return policy
  write(directives, { ...scripts, added })
  return directives.filter((one, i) => one.trim() !== '' || i === 0).join(';')
}

function needed (sources: readonly string[], hash: string, origin: Origin): string[] {
  const strict = sources.includes("'strict-dynamic'")
  const nonces = sources.some(source => NONCE.test(source))
  // A hash would end what 'unsafe-inline' allows to the page's own scripts.
  const allowsInline = sources.includes("'unsafe-inline'") && !strict && !nonces && !sources.some(source => HASH.test(source))
  // What a trusted module imports is trusted with it.
  const allowsModules = strict || nonces || sources.some(source => isOwnOrigin(source, origin))
  return [...allowsInline ? [] : [`'${hash}'`], ...allowsModules ? [] : [routesOf(origin)]]
}
