// What is added to a policy, word for word.
import { test } from 'tap'
import { extendPolicy, policiesOf, sandboxOf, type Ours } from '../../lib/inject/csp/csp.js'
import { NAVIGATION, PAGE, site } from './app.js'

const OURS = 'localhost:3000/__live/'
const WS = 'ws://localhost:3000/__live/socket'
const WSS = 'wss://localhost:3000/__live/socket'

const ours = (more: Partial<Ours> = {}): Ours => ({ base: '/__live/', host: 'localhost:3000', secure: false, createNonce: () => 'NEW', ...more })
const extend = (policy: string, more?: Partial<Ours>) => extendPolicy(policy, undefined, ours(more))

test('one policy', async t => {
  const table: [string, string, string?][] = [
    ['', ''],
    ["img-src 'none'; style-src 'self'", "img-src 'none'; style-src 'self'"],
    ['default-src *', 'default-src *'],
    ["default-src 'self'; connect-src 'self' ws:", "default-src 'self'; connect-src 'self' ws:"],
    ["script-src 'SELF'", "script-src 'SELF'"],
    ['script-src localhost:3000; connect-src http://localhost:3000 ws://localhost:3000', 'script-src localhost:3000; connect-src http://localhost:3000 ws://localhost:3000'],
    ["default-src 'self'", `default-src 'self'; connect-src 'self' ${WS}`],
    ["connect-src 'self';", `connect-src 'self' ${WS}`],
    ["default-src 'none'", `default-src 'none'; script-src ${OURS}; connect-src ${OURS} ${WS}`],
    ["script-src 'none'", `script-src ${OURS}`],
    ['script-src https:', `script-src https: ${OURS}`],
    ["script-src 'unsafe-inline'", `script-src 'unsafe-inline' ${OURS}`],
    ["script-src 'none'; script-src-elem 'self'", "script-src 'none'; script-src-elem 'self'"],
    ["script-src 'self'; script-src-elem https://cdn.test", `script-src 'self'; script-src-elem https://cdn.test ${OURS}`],
    ["script-src 'nonce-aB+/='", "script-src 'nonce-aB+/='", 'aB+/='],
    ["script-src 'self' 'nonce-a'", "script-src 'self' 'nonce-a'"],
    ["script-src 'nonce-a' 'strict-dynamic' 'self'", "script-src 'nonce-a' 'strict-dynamic' 'self'", 'a'],
    ["script-src 'sha256-x' 'strict-dynamic'", "script-src 'sha256-x' 'strict-dynamic' 'nonce-NEW'", 'NEW'],
    ["script-src 'sha256-x'", `script-src 'sha256-x' ${OURS}`],
    ["  DEFAULT-SRC\t'none' ;script-src 'self'; script-src 'none'", `  DEFAULT-SRC\t'none' ;script-src 'self'; script-src 'none'; connect-src ${OURS} ${WS}`],
    ['connect-src https://api.test', `connect-src https://api.test ${OURS} ${WS}`]
  ]
  for (const [given, expected, nonce] of table) {
    const made = extend(given)
    t.equal(made.policy, expected, given)
    t.equal(made.nonce, nonce, `${given}: nonce`)
    t.equal(made.changes.length > 0, made.policy !== given)
    t.notMatch(made.changes.join(), 'NEW', 'a nonce is not logged')
    t.equal(extendPolicy(made.policy, made.nonce, ours()).policy, made.policy, `${given}: nothing is added twice`)
  }
})

test('behind TLS', async t => {
  const table: [string, string][] = [
    ["default-src 'none'", `default-src 'none'; script-src ${OURS}; connect-src ${OURS} ${WSS}`],
    ["default-src 'self'", `default-src 'self'; connect-src 'self' ${WSS}`],
    ["script-src https:; connect-src 'self' ws:", "script-src https:; connect-src 'self' ws:"],
    ["script-src http:; connect-src 'self' wss:", "script-src http:; connect-src 'self' wss:"],
    ['script-src https://localhost:3000; connect-src https://localhost:3000 wss://localhost:3000', 'script-src https://localhost:3000; connect-src https://localhost:3000 wss://localhost:3000'],
    ['script-src http://localhost:3000; connect-src localhost:3000 ws://localhost:3000', `script-src http://localhost:3000 ${OURS}; connect-src localhost:3000 ws://localhost:3000 ${WSS}`]
  ]
  for (const [given, expected] of table) {
    t.equal(extend(given, { secure: true }).policy, expected, given)
    t.equal(extend(expected, { secure: true }).policy, expected, `${given}: nothing is added twice`)
  }
  t.equal(extend('script-src https://localhost:3000').policy, `script-src https://localhost:3000 ${OURS}`, 'and a page that comes without it may not use what is only for it')
})

test('several policies share one nonce', async t => {
  const { nonce } = extend("script-src 'nonce-a'")
  t.equal(nonce, 'a')
  t.match(extendPolicy("script-src 'nonce-b'", nonce, ours()), { policy: `script-src 'nonce-b' ${OURS}`, nonce: 'a' })
  t.match(extendPolicy("script-src 'nonce-b' 'strict-dynamic'", nonce, ours()), { policy: "script-src 'nonce-b' 'strict-dynamic' 'nonce-a'", nonce: 'a', changes: ["script-src 'nonce-...'"] })
})

test('a host that a policy cannot name', async t => {
  for (const host of ['[::1]:3000', 'a b', 'x;y', undefined]) {
    t.equal(extend("default-src 'none'", { host }).policy, "default-src 'none'; script-src 'self'; connect-src 'self'", String(host))
    t.equal(extend("connect-src 'self'", { host }).policy, "connect-src 'self'")
  }
})

test('a proxy may end TLS', async t => {
  const { get } = await site(t, app => app.get('/', (_, reply) => reply.type('text/html').header('content-security-policy', "connect-src 'self'").send(PAGE)))
  for (const [proto, scheme] of [[undefined, 'ws'], ['http', 'ws'], ['https', 'wss'], ['HTTPS, http', 'wss']] as const) {
    const { headers } = await get('/', { ...NAVIGATION, host: 'a.test:8443', ...proto && { 'x-forwarded-proto': proto } })
    t.equal(headers['content-security-policy'], `connect-src 'self' ${scheme}://a.test:8443/__live/socket`, proto ?? 'none')
  }
})

test('headers', async t => {
  t.strictSame(policiesOf(['a, b', 'c']), ['a', ' b', 'c'])
  t.strictSame(policiesOf('a'), ['a'])
  for (const one of ['sandbox', 'sandbox allow-scripts', "default-src 'self'; Sandbox allow-same-origin"]) t.type(sandboxOf([one]), 'string', one)
  for (const one of ['', "default-src 'self'", 'sandbox ALLOW-scripts allow-same-origin']) t.equal(sandboxOf([one]), undefined, one)
})
