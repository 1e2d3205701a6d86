// A Content-Security-Policy -> the same, with what the client needs and the policy forbids. Nothing else is loosened. Pure.

/** Where scripts of ours come from. */
export interface Origin {
  /** The path that all of them begin with. */
  readonly base: string
  /** As the browser wrote it. */
  readonly host: string | undefined
  /** The browser came by HTTPS. */
  readonly secure: boolean
}

/** Where the client comes from, and where it connects to. Its `base` is that of the plugin's own routes: `/__live/`. */
export interface Ours extends Origin {
  createNonce (): string
}

export interface Extended {
  readonly policy: string
  /** The nonce that the tag must have. */
  readonly nonce: string | undefined
  /** What was added, for people: `script-src localhost:3000/__live/`. */
  readonly changes: readonly string[]
}

export interface Addition {
  /** Index of the directive whose sources count. */
  readonly at: number
  /** Its name. */
  readonly from: string
  /** The directive that gets the sources: not `default-src`, which would loosen everything. */
  readonly to: string
  readonly sources: readonly string[]
  readonly added: readonly string[]
}

export const NONCE = /^'nonce-([\w+/=-]+)'$/i
// A policy cannot name IPv6 addresses.
const HOST = /^[\w.-]+(?::\d+)?$/
export const SCRIPT = ['script-src-elem', 'script-src', 'default-src']
const CONNECT = ['connect-src', 'default-src']

/** `nonce` is the one that an earlier policy of the same page demanded. */
export function extendPolicy (policy: string, nonce: string | undefined, ours: Ours): Extended {
  const directives = policy.split(';')
  // Both read `default-src` before one of them is written.
  const scripts = find(directives, SCRIPT)
  const forScripts = scripts === undefined ? { nonce, added: [] } : allowScripts(scripts.sources.map(normal), nonce, ours)
  const connections = find(directives, CONNECT)
  const additions = [
    ...scripts ? [{ ...scripts, added: missing(forScripts.added, scripts.sources) }] : [],
    ...connections ? [{ ...connections, added: missing(allowConnections(connections.sources.map(normal), ours), connections.sources) }] : []
  ].filter(({ added }) => added.length > 0)
  for (const addition of additions) write(directives, addition)
  return {
    policy: additions.length === 0 ? policy : directives.filter((one, i) => one.trim() !== '' || i === 0).join(';'),
    nonce: forScripts.nonce,
    changes: additions.map(({ to, added }) => `${to} ${added.map(one => one.replace(/^'nonce-.*/, "'nonce-...'")).join(' ')}`)
  }
}

/** The first of `names` that the policy has. */
export function find (directives: readonly string[], names: readonly string[]): Omit<Addition, 'added'> | undefined {
  for (const from of names) {
    const at = directives.findIndex(one => wordsOf(one)[0]?.toLowerCase() === from)
    if (at !== -1) return { at, from, to: from === 'default-src' ? names[names.length - 2] as string : from, sources: wordsOf(directives[at] as string).slice(1) }
  }
  return undefined
}

export function missing (added: readonly string[], sources: readonly string[]): string[] {
  return added.filter(one => !sources.includes(one))
}

export function write (directives: string[], { at, from, to, sources, added }: Addition): void {
  const text = [to, ...sources.filter(source => normal(source) !== "'none'"), ...added].join(' ')
  if (to === from) directives[at] = at === 0 ? text : ` ${text}`
  else directives.push(` ${text}`)
}

/** For our scripts, those that they import included. */
function allowScripts (sources: readonly string[], before: string | undefined, ours: Ours): { nonce: string | undefined, added: string[] } {
  const strict = sources.includes("'strict-dynamic'")
  if (!strict && sources.some(source => isOwnOrigin(source, ours))) return { nonce: before, added: [] }
  const nonces = sources.flatMap(source => NONCE.exec(source)?.[1] ?? [])
  const nonce = before ?? nonces[0] ?? (strict ? ours.createNonce() : undefined)
  if (nonce !== undefined && nonces.includes(nonce)) return { nonce, added: [] }
  return { nonce, added: [strict ? `'nonce-${nonce}'` : routesOf(ours)] }
}

function allowConnections (sources: readonly string[], ours: Ours): string[] {
  if (sources.includes('*')) return []
  const { host, base, secure } = ours
  const ws = secure ? 'wss' : 'ws'
  const added = sources.some(source => isOwnOrigin(source, ours)) ? [] : [routesOf(ours)]
  // Older browsers do not take 'self' for sockets.
  const isOwnSocket = sources.some(source => ['ws:', `${ws}:`].includes(source) || (isNamed(ours) && source === `${ws}://${host}`))
  const socket = isNamed(ours) ? `${ws}://${host}${base}socket` : "'self'"
  return isOwnSocket || added.includes(socket) ? added : [...added, socket]
}

/** Without a scheme it has that of the page. With a port, http: does not stand for https:. */
export function routesOf (ours: Origin): string {
  return isNamed(ours) ? `${ours.host}${ours.base}` : "'self'"
}

export function isOwnOrigin (source: string, ours: Origin): boolean {
  const http = ours.secure ? 'https' : 'http'
  return ["'self'", '*', 'http:', `${http}:`].includes(source) || (isNamed(ours) && [ours.host, `${http}://${ours.host}`].includes(source))
}

function isNamed ({ host }: Origin): boolean {
  return host !== undefined && HOST.test(host)
}

/** A header may hold several policies, and a reply several headers. */
export function policiesOf (value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).flatMap(one => String(one).split(','))
}

/** Why the page is a sandbox that no script of ours can run in, or reach us from. */
export function sandboxOf (policies: readonly string[]): string | undefined {
  for (const directive of policies.flatMap(policy => policy.split(';'))) {
    const [name, ...flags] = wordsOf(directive).map(word => word.toLowerCase())
    if (name === 'sandbox' && !(flags.includes('allow-scripts') && flags.includes('allow-same-origin'))) return 'its policy is a sandbox without allow-scripts and allow-same-origin'
  }
  return undefined
}

function wordsOf (directive: string): string[] {
  return directive.split(/[\t\n\f\r ]+/).filter(word => word !== '')
}

// Keywords, schemes and hosts are the same in any case; nonces are not.
export function normal (source: string): string {
  return NONCE.test(source) ? source : source.toLowerCase()
}
