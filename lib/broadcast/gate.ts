// Decides which requests may reach the plugin: one gate for every route, upgrades included. Pure.
import { timingSafeEqual } from 'node:crypto'
import { isIP } from 'node:net'
import { printable } from '../shared/text.js'

export type Verdict = { readonly ok: true } | { readonly ok: false, readonly status: 400 | 403, readonly message: string }

/** What the gate reads of a request. Only raw headers: with `trustProxy` a page can forge `request.host`. */
export interface GateRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly rawHeaders: readonly string[]
  /** The request target. The absolute form (`http://evil.test/`) names a second host, and is for proxies only. */
  readonly url: string | undefined
  /** The token that the request carries. */
  readonly token?: string
}

export interface GateRules {
  /** Exact, with a leading dot for a subtree, or with `*` for the number of a port. */
  readonly allowedHosts: readonly string[]
  readonly allowedOrigins: readonly string[]
  /** Known only to HTML that this process injected into. */
  readonly token: string
}

export interface Gate {
  /** Checks `Host`, against DNS rebinding. */
  host (request: GateRequest): Verdict
  /** `host`, and checks that the page which asks is of this server. */
  enter (request: GateRequest): Verdict
  /** `enter`, and checks the token: for requests that change something. */
  change (request: GateRequest): Verdict
}

interface Authority { readonly name: string, readonly port: string }

const AUTHORITY = /^(?:\[([\da-f:.]+)\]|([\w.-]+))(?::(\d{1,5}))?$/i
const PORT = /^\d{1,5}$/
const ORIGIN = /^(https?):\/\/(.+)$/i
const OK: Verdict = { ok: true }

export function createGate (rules: GateRules): Gate {
  return {
    host: request => checkHost(request, rules),
    enter: request => checkEntry(request, rules),
    change: request => checkChange(request, rules)
  }
}

function checkHost (request: GateRequest, rules: GateRules): Verdict {
  const given = hostOf(request)
  const authority = given === undefined || !request.url?.startsWith('/') ? undefined : parse(given)
  if (authority === undefined) return refuse(400, 'live reload: the Host header is missing, repeated or malformed, or the request target names a host')
  if (isAllowedHost(authority.name, rules)) return OK
  return refuse(403, `live reload: the host ${authority.name} is not allowed; if it is yours, add security: { allowedHosts: ['${authority.name}'] } to the options of fastify-live-reload, or set LIVE_RELOAD_ALLOWED_HOSTS=${authority.name}`)
}

function checkEntry (request: GateRequest, rules: GateRules): Verdict {
  const verdict = checkHost(request, rules)
  if (!verdict.ok) return verdict
  const { origin, 'sec-fetch-site': site } = request.headers
  if (origin === undefined) return checkSite(site)
  if (typeof origin === 'string' && isAllowedOrigin(origin, hostOf(request) as string, rules)) return OK
  // A proxy that rewrites Host leaves Origin as it was. The token, or `Sec-Fetch-Site`, proves that the page is of this server nevertheless.
  if (origin !== 'null' && (site === 'same-origin' || isToken(request.token, rules.token))) return OK
  if (origin === 'null') return refuse(403, 'live reload: the origin null is not allowed: a sandboxed frame, a file and a foreign page cannot be told apart by it')
  return refuse(403, `live reload: the origin ${show(origin)} is not allowed; if it is yours, add security: { allowedOrigins: ['${show(origin)}'] } to the options of fastify-live-reload`)
}

// `Sec-Fetch-Site` is right even behind a proxy that rewrites Host.
function checkChange (request: GateRequest, rules: GateRules): Verdict {
  const verdict = checkEntry(request, rules)
  if (!verdict.ok) return verdict
  const { 'sec-fetch-site': site } = request.headers
  if (site !== undefined && site !== 'same-origin') return refuse(403, `live reload: a ${show(site)} request may not change anything`)
  return isToken(request.token, rules.token) ? OK : refuse(403, 'live reload: the token of this process is missing')
}

// Browsers send `Sec-Fetch-Site` only to trustworthy addresses, other programs never: its absence proves nothing.
function checkSite (site: string | string[] | undefined): Verdict {
  if (site === undefined || site === 'same-origin' || site === 'none') return OK
  return refuse(403, `live reload: a ${show(site)} request is not answered`)
}

/** The raw `Host`, or `:authority` of HTTP/2. `undefined` when it is absent or repeated: Node silently keeps the first. */
function hostOf (request: GateRequest): string | undefined {
  let count = 0
  for (let i = 0; i < request.rawHeaders.length; i += 2) {
    const name = request.rawHeaders[i] as string
    if (name.length === 4 && name.toLowerCase() === 'host') count++
  }
  const host = request.headers.host ?? request.headers[':authority']
  return count > 1 || typeof host !== 'string' ? undefined : host
}

// Not by `new URL()`: it reads `127.1` as 127.0.0.1 and `localhost@evil.test` as evil.test.
function parse (authority: string): Authority | undefined {
  const found = AUTHORITY.exec(authority)
  if (found === null || (found[1] !== undefined && isIP(found[1]) !== 6)) return undefined
  return { name: (found[1] ?? found[2] as string).toLowerCase().replace(/\.$/, ''), port: found[3] ?? '' }
}

function isAllowedHost (name: string, rules: GateRules): boolean {
  return isLoopbackName(name) || isIP(name) !== 0 || rules.allowedHosts.some(allowed => {
    if (allowed.startsWith('.')) return name === allowed.slice(1) || name.endsWith(allowed)
    const [before, after] = allowed.split('*') as [string, string | undefined]
    return after === undefined ? name === allowed : name.startsWith(before) && name.endsWith(after) && PORT.test(name.slice(before.length, name.length - after.length))
  })
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

// Text of a request, made safe to log.
function show (value: string | string[]): string {
  return printable(String(value), 100).replace(/'/g, '')
}
