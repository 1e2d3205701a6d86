// What is added to a policy, word for word.
import { test } from 'tap'
import { createPolicy, policiesOf, sandboxOf } from '../../lib/inject/csp.js'

const HTTP = 'http://localhost:3000/__live/'
const WS = 'ws://localhost:3000/__live/socket'

function create (host: string | undefined = 'localhost:3000') {
  const changes: string[] = []
  return { changes, policy: createPolicy({ base: '/__live/', host, random: () => 'NEW', changed: change => changes.push(change), tooLate: () => changes.push('too late') }) }
}

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
    ["default-src 'none'", `default-src 'none'; script-src ${HTTP}; connect-src ${HTTP} ${WS}`],
    ["script-src 'none'", `script-src ${HTTP}`],
    ['script-src https:', `script-src https: ${HTTP}`],
    ["script-src 'unsafe-inline'", `script-src 'unsafe-inline' ${HTTP}`],
    ["script-src 'none'; script-src-elem 'self'", "script-src 'none'; script-src-elem 'self'"],
    ["script-src 'self'; script-src-elem https://cdn.test", `script-src 'self'; script-src-elem https://cdn.test ${HTTP}`],
    ["script-src 'nonce-aB+/='", "script-src 'nonce-aB+/='", 'aB+/='],
    ["script-src 'self' 'nonce-a'", "script-src 'self' 'nonce-a'"],
    ["script-src 'nonce-a' 'strict-dynamic' 'self'", "script-src 'nonce-a' 'strict-dynamic' 'self'", 'a'],
    ["script-src 'sha256-x' 'strict-dynamic'", "script-src 'sha256-x' 'strict-dynamic' 'nonce-NEW'", 'NEW'],
    ["script-src 'sha256-x'", `script-src 'sha256-x' ${HTTP}`],
    ["  DEFAULT-SRC\t'none' ;script-src 'self'; script-src 'none'", `  DEFAULT-SRC\t'none' ;script-src 'self'; script-src 'none'; connect-src ${HTTP} ${WS}`],
    ['connect-src https://api.test', `connect-src https://api.test ${HTTP} ${WS}`]
  ]
  for (const [given, expected, nonce] of table) {
    const { policy, changes } = create()
    const made = policy.extend(given)
    t.equal(made, expected, given)
    t.equal(policy.nonce, nonce, `${given}: nonce`)
    t.equal(changes.length > 0, made !== given)
    t.notMatch(changes.join(), 'NEW', 'a nonce is not logged')
    t.equal(policy.extend(made), made, `${given}: nothing is added twice`)
  }
})

test('several policies need one nonce', async t => {
  const { policy } = create()
  t.equal(policy.extend("script-src 'nonce-a'"), "script-src 'nonce-a'")
  t.equal(policy.extend("script-src 'nonce-b'"), `script-src 'nonce-b' ${HTTP}`)
  t.equal(policy.extend("script-src 'nonce-b' 'strict-dynamic'"), "script-src 'nonce-b' 'strict-dynamic' 'nonce-a'")
})

test('a tag that is written keeps what it has', async t => {
  const { policy, changes } = create()
  policy.seal()
  t.equal(policy.extend("script-src 'nonce-a'"), `script-src 'nonce-a' ${HTTP}`)
  t.equal(policy.extend("script-src 'nonce-a' 'strict-dynamic'"), "script-src 'nonce-a' 'strict-dynamic'", 'nothing helps')
  t.equal(changes.at(-1), 'too late')
  t.equal(policy.nonce, undefined)
})

test('what is at hand of a document tells of its policies', async t => {
  const foresee = (html: string) => { const { policy } = create(); policy.foresee(html); return policy.nonce }
  t.equal(foresee("<meta http-equiv=Content-Security-Policy content=\"script-src 'nonce-a'\"><meta http-equiv=content-security-policy content=\"script-src 'nonce-b'\">"), 'a')
  t.equal(foresee("<meta http-equiv=\"content-security-policy\" content=\"script-src 'strict-dynamic'\">"), 'NEW')
  t.equal(foresee("<meta http-equiv=\"content-security-policy\" content=\"script-src 'self'\">"), undefined)
})

test('a host that a policy has no words for', async t => {
  for (const host of ['[::1]:3000', 'a b', 'x;y', undefined]) {
    const policy = createPolicy({ base: '/__live/', host, random: () => 'NEW', changed: () => {}, tooLate: () => {} })
    t.equal(policy.extend("default-src 'none'"), "default-src 'none'; script-src 'self'; connect-src 'self'", String(host))
    t.equal(policy.extend("connect-src 'self'"), "connect-src 'self'")
  }
})

test('headers', async t => {
  t.strictSame(policiesOf(['a, b', 'c']), ['a', ' b', 'c'])
  t.strictSame(policiesOf('a'), ['a'])
  for (const one of ['sandbox', 'sandbox allow-scripts', "default-src 'self'; Sandbox allow-same-origin"]) t.type(sandboxOf([one]), 'string', one)
  for (const one of ['', "default-src 'self'", 'sandbox ALLOW-scripts allow-same-origin']) t.equal(sandboxOf([one]), undefined, one)
})
