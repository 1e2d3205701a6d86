// Who may talk to us: one decision for every route of ours and everything we serve, upgrades included. Pure.
import { timingSafeEqual } from 'node:crypto'
import { isIP } from 'node:net'

export type Verdict = { readonly ok: true } | { readonly ok: false, readonly status: 400 | 403, readonly message: string }

/** What the gate looks at. Always raw headers: with `trustProxy` a rebinding page can forge `request.host`. */
export interface Knock {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly rawHeaders: readonly string[]
  /** The request target. In absolute form (`http://evil.test/`) it names a host past the header: nobody but a proxy is asked so. */
  readonly url: string | undefined
  /** What the request carries as the token of this process, if anything. */
  readonly token?: string
}

export interface GateRules {
  readonly allowedHosts: readonly string[]
  readonly allowedOrigins: readonly string[]
  /** Known only to HTML injected by this process. */
  readonly token: string
  /** The name given to `listen`. */
  listenName (): string | undefined
}

export interface Gate {
  /** Is the request meant for us, or a name an attacker made resolve to us (DNS rebinding)? */
  host (knock: Knock): Verdict
  /** `host`, and whether the page that asks is one of ours. */
  enter (knock: Knock): Verdict
  /** `enter`, and whether it was our own HTML that asks for something to happen. */
  change (knock: Knock): Verdict
}

interface Authority { readonly name: string, readonly port: string }

const AUTHORITY = /^(?:\[([\da-f:.]+)\]|([\w.-]+))(?::(\d{1,5}))?$/i
const ORIGIN = /^(https?):\/\/(.+)$/i
const OK: Verdict = { ok: true }

export function createGate (rules: GateRules): Gate {
  return {
    host: knock => checkHost(knock, rules),
    enter: knock => checkAll(knock, rules),
    change: knock => checkChange(knock, rules)
  }
}

function checkHost (knock: Knock, rules: GateRules): Verdict {
  const given = hostOf(knock)
  const authority = given === undefined || !knock.url?.startsWith('/') ? undefined : parse(given)
  if (authority === undefined) return refuse(400, 'live reload: the Host header is missing, repeated or malformed, or the request is one for a proxy')
  if (isAllowedHost(authority.name, rules)) return OK
  return refuse(403, `live reload: the host ${authority.name} is not allowed; if it is yours, add security: { allowedHosts: ['${authority.name}'] } to the options of fastify-live-reload`)
}

function checkAll (knock: Knock, rules: GateRules): Verdict {
  const verdict = checkHost(knock, rules)
  if (!verdict.ok) return verdict
  const { origin, 'sec-fetch-site': site } = knock.headers
  if (origin === undefined) return checkSite(site)
  if (typeof origin === 'string' && isAllowedOrigin(origin, hostOf(knock) as string, rules)) return OK
  // A proxy that rewrites Host leaves Origin alone: what only our own HTML can know stands in for it, or what browsers say of it,
  // who ask for modules with an Origin and never say this of a name without a certificate.
  if (origin !== 'null' && (site === 'same-origin' || isToken(knock.token, rules.token))) return OK
  return refuse(403, `live reload: the origin ${show(origin)} is not allowed; if it is yours, add security: { allowedOrigins: ['${show(origin)}'] } to the options of fastify-live-reload`)
}

// A browser knows its own sites even behind a proxy that rewrites Host: it must never say that this is another one's.
function checkChange (knock: Knock, rules: GateRules): Verdict {
  const verdict = checkAll(knock, rules)
  if (!verdict.ok) return verdict
  const { 'sec-fetch-site': site } = knock.headers
  if (site !== undefined && site !== 'same-origin') return refuse(403, `live reload: a ${show(site)} request may not change anything`)
  return isToken(knock.token, rules.token) ? OK : refuse(403, 'live reload: the token of this process is missing')
}

// Browsers send Sec-Fetch-Site to trustworthy addresses only, other programs never: absent means nothing.
function checkSite (site: string | string[] | undefined): Verdict {
  if (site === undefined || site === 'same-origin' || site === 'none') return OK
  return refuse(403, `live reload: a ${show(site)} request is not answered`)
}

/** The raw Host, or `:authority` of HTTP/2; `undefined` when absent or repeated (Node keeps the first and says nothing). */
function hostOf (knock: Knock): string | undefined {
  let count = 0
  for (let i = 0; i < knock.rawHeaders.length; i += 2) {
    const name = knock.rawHeaders[i] as string
    if (name.length === 4 && name.toLowerCase() === 'host') count++
  }
  const host = knock.headers.host ?? knock.headers[':authority']
  return count > 1 || typeof host !== 'string' ? undefined : host
}

// By hand: `new URL()` reads `127.1` as 127.0.0.1 and `localhost@evil.test` as evil.test.
function parse (authority: string): Authority | undefined {
  const found = AUTHORITY.exec(authority)
  if (found === null || (found[1] !== undefined && isIP(found[1]) !== 6)) return undefined
  return { name: (found[1] ?? found[2] as string).toLowerCase().replace(/\.$/, ''), port: found[3] ?? '' }
}

function isAllowedHost (name: string, rules: GateRules): boolean {
  return isLoopbackName(name) || isIP(name) !== 0 || name === rules.listenName()?.toLowerCase() ||
    rules.allowedHosts.some(allowed => allowed.startsWith('.') ? name === allowed.slice(1) || name.endsWith(allowed) : name === allowed)
}

function isAllowedOrigin (origin: string, host: string, rules: GateRules): boolean {
  if (rules.allowedOrigins.includes(origin.toLowerCase())) return true
  const found = ORIGIN.exec(origin)
  const from = found === null ? undefined : parse(found[2] as string)
  const to = parse(host)
  if (found === null || from === undefined || to === undefined) return false
  const standard = (found[1] as string).toLowerCase() === 'https' ? '443' : '80'
  const samePort = from.port === to.port || (from.port || standard) === (to.port || standard)
  return samePort && (from.name === to.name || (isLoopback(from.name) && isLoopback(to.name)))
}

function isLoopbackName (name: string): boolean {
  return name === 'localhost' || name.endsWith('.localhost')
}

function isLoopback (name: string): boolean {
  return isLoopbackName(name) || name === '::1' || (isIP(name) === 4 && name.startsWith('127.'))
}

function isToken (given: string | undefined, token: string): boolean {
  if (given === undefined) return false
  const a = Buffer.from(given)
  const b = Buffer.from(token)
  return a.length === b.length && timingSafeEqual(a, b)
}

function refuse (status: 400 | 403, message: string): Verdict {
  return { ok: false, status, message }
}

// What came from outside goes into a message shortened and without anything a terminal would act on.
function show (value: string | string[]): string {
  return String(value).replace(/[^\x20-\x7e]/g, '?').replace(/'/g, '').slice(0, 100)
}
