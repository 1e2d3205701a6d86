// A Content-Security-Policy -> the same, with what our script needs and it forbids. Nothing else is loosened. Pure.

/** What we have in the page. */
export interface Ours {
  /** Where our routes are: `/__live/`. */
  readonly base: string
  /** As the browser says it; `undefined` when it is not fit to stand in a policy. */
  readonly host: string | undefined
  /** The browser came by HTTPS. */
  readonly secure: boolean
  random (): string
  /** Told what was added to a policy, as a person would write it. */
  changed (change: string): void
  /** A policy came after the tag had left, and takes no script but those with a nonce: what the client imports will not load. */
  tooLate (): void
}

/** The policies of one page, one after the other. */
export interface Policy {
  /** What the `nonce` of our tag has to be. */
  readonly nonce: string | undefined
  /** Of a `<meta>` that stands behind the tag, which is not yet written: chooses the nonce it will need. */
  foresee (policy: string): void
  /** The tag is written: its nonce stays what it is. */
  seal (): void
  extend (policy: string): string
}

const NONCE = /^'nonce-([\w+/=-]+)'$/i
const HOST = /^[\w.-]+(?::\d+)?$/

export function createPolicy ({ base, host, secure, random, changed, tooLate }: Ours): Policy {
  let nonce: string | undefined
  let sealed = false
  // A policy has no words for IPv6 addresses.
  const named = host !== undefined && HOST.test(host)
  const [http, ws] = secure ? ['https', 'wss'] : ['http', 'ws']
  // Without a scheme it has that of the page. With a port, http: does not stand for https:.
  const routes = named ? `${host}${base}` : "'self'"
  const socket = named ? `${ws}://${host}${base}socket` : "'self'"
  const isOwnOrigin = (source: string) => ["'self'", '*', 'http:', `${http}:`].includes(source) || (named && [host, `${http}://${host}`].includes(source))
  const isOwnSocket = (source: string) => ['ws:', `${ws}:`].includes(source) || (named && source === `${ws}://${host}`)

  /** What is missing for our scripts, those that they import included. */
  function forScripts (sources: readonly string[]): string[] {
    const strict = sources.includes("'strict-dynamic'")
    if (!strict && sources.some(isOwnOrigin)) return []
    const nonces = sources.flatMap(source => NONCE.exec(source)?.[1] ?? [])
    if (!sealed) nonce ??= nonces[0] ?? (strict ? random() : undefined)
    if (nonce !== undefined && nonces.includes(nonce)) return []
    if (!strict) return [routes]
    if (nonce !== undefined) return [`'nonce-${nonce}'`]
    tooLate()
    return []
  }

  function forConnections (sources: readonly string[]): string[] {
    if (sources.includes('*')) return []
    const missing = sources.some(isOwnOrigin) ? [] : [routes]
    // Older browsers do not take 'self' for sockets.
    return sources.some(isOwnSocket) || missing.includes(socket) ? missing : [...missing, socket]
  }

  const NEEDS = [
    { names: ['script-src-elem', 'script-src', 'default-src'], missing: forScripts },
    { names: ['connect-src', 'default-src'], missing: forConnections }
  ] as const

  function missingIn (directives: readonly string[]) {
    const first = (name: string) => directives.findIndex(one => wordsOf(one)[0]?.toLowerCase() === name)
    return NEEDS.flatMap(({ names, missing }) => {
      const name = names.find(one => first(one) !== -1)
      if (name === undefined) return []
      const at = first(name)
      const sources = wordsOf(directives[at] as string).slice(1)
      const news = missing(sources.map(normal)).filter(one => !sources.includes(one))
      return news.length === 0 ? [] : [{ at, name, own: name === 'default-src' ? names[names.length - 2] as string : name, sources, news }]
    })
  }

  function extend (policy: string): string {
    const directives = policy.split(';')
    // `default-src` is read by both before one of them is written.
    const added = missingIn(directives)
    for (const { at, name, own, sources, news } of added) {
      const text = [own, ...sources.filter(source => normal(source) !== "'none'"), ...news].join(' ')
      changed(`${own} ${news.map(one => one.replace(/^'nonce-.*/, "'nonce-...'")).join(' ')}`)
      if (own === name) directives[at] = at === 0 ? text : ` ${text}`
      else directives.push(` ${text}`)
    }
    return added.length === 0 ? policy : directives.filter((one, i) => one.trim() !== '' || i === 0).join(';')
  }

  return {
    get nonce () { return nonce },
    foresee (policy) { missingIn(policy.split(';')) },
    seal () { sealed = true },
    extend
  }
}

/** The value of a header may hold several, and there may be several headers. */
export function policiesOf (value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).flatMap(one => String(one).split(','))
}

/** Is a page that says this one that no script of ours can run in, or reach us from? */
export function sandboxOf (policies: readonly string[]): string | undefined {
  for (const policy of policies) {
    for (const directive of policy.split(';')) {
      const [name, ...flags] = wordsOf(directive).map(word => word.toLowerCase())
      if (name === 'sandbox' && !(flags.includes('allow-scripts') && flags.includes('allow-same-origin'))) return 'its policy is a sandbox without allow-scripts and allow-same-origin'
    }
  }
  return undefined
}

function wordsOf (directive: string): string[] {
  return directive.split(/[\t\n\f\r ]+/).filter(word => word !== '')
}

// Keywords, schemes and hosts are the same in any case; nonces are not.
function normal (source: string): string {
  return NONCE.test(source) ? source : source.toLowerCase()
}
