import { test } from 'tap'
import { createGate, type Knock } from '../../lib/broadcast/gate.js'

const token = 'the-token-of-this-process'
const gate = createGate({ allowedHosts: ['dev.test', '.acme.test'], allowedOrigins: ['https://front.test:5173'], token, listenName: () => 'MyBox.local' })

function knock (host: string | string[] | undefined, headers: Record<string, string> = {}, given?: string): Knock {
  const hosts = host === undefined ? [] : [host].flat()
  return {
    headers: { ...(hosts[0] !== undefined && { host: hosts[0] }), ...headers },
    rawHeaders: hosts.flatMap(value => ['Host', value]),
    url: '/',
    ...(given !== undefined && { token: given })
  }
}

const codeOf = (verdict: { ok: true } | { ok: false, status: number, message: string }) => verdict.ok ? 200 : verdict.status

const hosts: [string | string[] | undefined, number, string][] = [
  ['evil.test:3000', 403, 'S-001 a name that was made to resolve to us'],
  ['localhost.evil.test', 403, 'S-005 look-alike'],
  ['evil-localhost', 403, 'S-005 look-alike'],
  ['127.0.0.1.nip.io', 403, 'S-005 look-alike'],
  ['127.1', 403, 'S-005 what new URL() would read as 127.0.0.1'],
  ['xn--lcalhost-23a', 403, 'S-005 look-alike'],
  ['localhost:3000@evil.test', 400, 'S-005 user information'],
  ['evil.test/localhost', 400, 'S-005 a path'],
  ['localhost\tevil', 400, 'S-005 white space'],
  [undefined, 400, 'S-006 none'],
  ['', 400, 'S-006 empty'],
  [['localhost', 'evil.test'], 400, 'S-006 two'],
  ['[::1', 400, 'half an address'],
  ['[::zz]', 400, 'no address'],
  ['localhost:', 400, 'a colon without a port'],
  ['localhost', 200, 'S-007'],
  ['LOCALHOST:3000', 200, 'S-007'],
  ['localhost.', 200, 'S-007 one final dot'],
  ['foo.localhost', 200, 'S-007'],
  ['127.0.0.1', 200, 'S-007'],
  ['[::1]', 200, 'S-007'],
  ['[::1]:3000', 200, 'S-007'],
  ['192.168.1.5:3000', 200, 'S-007 an address can not be rebound'],
  ['mybox.local:80', 200, 'the name given to listen'],
  ['dev.test', 200, 'S-010 exact'],
  ['a.dev.test', 403, 'S-010 exact means exact'],
  ['acme.test', 200, 'S-010 subtree'],
  ['a.b.ACME.test', 200, 'S-010 subtree'],
  ['xacme.test', 403, 'S-010 not a subtree']
]

test('host', async t => {
  for (const [host, status, why] of hosts) t.equal(codeOf(gate.host(knock(host))), status, `${String(host)}: ${why}`)
  t.match(gate.host(knock('evil.test')), { message: /evil\.test is not allowed.*allowedHosts: \['evil\.test'\]/ }, 'says the line to add')
  t.equal(codeOf(gate.host(knock('evil.test', { 'x-forwarded-host': 'localhost' }))), 403, 'S-008 only the raw header counts')
  t.equal(codeOf(gate.host({ headers: { ':authority': 'evil.test' }, url: '/', rawHeaders: [] })), 403, 'S-011 HTTP/2')
  t.equal(codeOf(gate.host({ headers: { ':authority': 'localhost:3000' }, url: '/', rawHeaders: [] })), 200, 'S-011 HTTP/2')
  t.equal(codeOf(gate.host({ ...knock('localhost'), url: 'http://evil.test/' })), 400, 'S-009 absolute form')
  t.equal(codeOf(createGate({ allowedHosts: [], allowedOrigins: [], token, listenName: () => undefined }).host(knock('mybox.local'))), 403)
})

const origins: [string, string, string | undefined, number, string][] = [
  ['localhost:3000', 'http://evil.test', undefined, 403, 'S-020 a foreign page'],
  ['localhost:3000', 'http://evil.test', '', 403, 'S-021 empty token'],
  ['localhost:3000', 'http://evil.test', 'x'.repeat(token.length), 403, 'S-021 wrong token of the same length'],
  ['localhost:3000', 'http://evil.test', `${token}x`, 403, 'S-021 wrong token, one longer'],
  ['localhost:3000', 'https://app.test', token, 200, 'behind a proxy that rewrites Host (decision 008, against S-022)'],
  ['evil.test', 'http://evil.test', token, 403, 'S-023 the host rule comes first'],
  ['localhost', 'http://203.0.113.9', undefined, 403, 'S-024 anyone can serve a page from an address'],
  ['192.168.1.5:3000', 'http://192.168.1.5:3000', undefined, 200, 'S-025 a phone on the LAN'],
  ['192.168.1.5:3000', 'http://192.168.1.5:9999', undefined, 403, 'S-026 another port'],
  ['localhost:3000', 'http://127.0.0.1:3000', undefined, 200, 'S-027 loopback names are equal'],
  ['[::1]:3000', 'http://localhost:3000', undefined, 200, 'S-027'],
  ['127.0.0.2:3000', 'http://[::1]:3000', undefined, 200, 'S-027'],
  ['localhost:3000', 'http://localhost:9999', undefined, 403, 'S-037 same site, other origin'],
  ['localhost:3000', 'null', undefined, 403, 'S-028 opaque'],
  ['localhost:3000', 'null', token, 403, 'S-028 opaque, whatever it carries'],
  ['localhost:3000', 'http://', undefined, 403, 'S-029'],
  ['localhost:3000', 'http://foo:localhost', undefined, 403, 'S-029'],
  ['localhost:3000', 'file:///x', undefined, 403, 'S-029'],
  ['localhost:3000', 'chrome-extension://abcdef', undefined, 403, 'S-029'],
  ['localhost:3000', `http://${'a'.repeat(10_000)}`, undefined, 403, 'S-029'],
  ['localhost', 'http://localhost', undefined, 200, 'no port means the scheme\'s'],
  ['localhost:80', 'http://localhost', undefined, 200, 'written or not'],
  ['localhost', 'https://localhost:443', undefined, 200, 'TLS may end at a proxy'],
  ['localhost:443', 'http://localhost', undefined, 403, 'other port'],
  ['localhost:3000', 'https://front.test:5173', undefined, 200, 'allowedOrigins'],
  ['localhost:3000', 'HTTPS://Front.test:5173', undefined, 200, 'allowedOrigins, any case']
]

test('origin', async t => {
  for (const [host, origin, given, status, why] of origins) {
    t.equal(codeOf(gate.enter(knock(host, { origin }, given))), status, `${origin.slice(0, 40)} at ${host}: ${why}`)
  }
  t.match(gate.enter(knock('localhost', { origin: "http://x'\u001b[31m" })), { message: /http:\/\/x\?\[31m is not allowed.*allowedOrigins/ }, 'S-085 nothing a terminal would act on')
  t.equal(codeOf(gate.enter({ headers: { host: 'localhost', origin: ['http://a.test', 'http://localhost'] }, url: '/', rawHeaders: [] })), 403, 'two origins')
})

const sites: [string | undefined, number][] = [[undefined, 200], ['same-origin', 200], ['none', 200], ['same-site', 403], ['cross-site', 403]]

test('a foreign Origin that the browser calls same-origin: a proxy rewrote Host', async t => {
  for (const [origin, site, status] of [['http://localhost:8080', 'same-origin', 200], ['http://localhost:8080', 'same-site', 403], ['http://localhost:8080', 'cross-site', 403], ['null', 'same-origin', 403]] as const) {
    t.equal(codeOf(gate.enter(knock('127.0.0.1:3000', { origin, 'sec-fetch-site': site }))), status, `${origin} ${site}`)
  }
  t.equal(codeOf(gate.enter(knock('evil.test', { origin: 'http://evil.test', 'sec-fetch-site': 'same-origin' }))), 403)
  t.equal(codeOf(gate.change(knock('127.0.0.1:3000', { origin: 'http://localhost:8080', 'sec-fetch-site': 'same-origin' }))), 403, 'what changes something needs the token')
})

test('no Origin: Sec-Fetch-Site decides, its absence means no browser (S-030, S-033)', async t => {
  for (const [site, status] of sites) t.equal(codeOf(gate.enter(knock('localhost', site === undefined ? {} : { 'sec-fetch-site': site }))), status, String(site))
})

test('who may change something', async t => {
  const asked = (headers: Record<string, string>, given?: string) => codeOf(gate.change(knock('localhost', headers, given)))
  t.equal(asked({}, token), 200)
  t.equal(asked({ 'sec-fetch-site': 'same-origin' }, token), 200)
  t.equal(asked({ origin: 'https://behind.test', 'sec-fetch-site': 'same-origin' }, token), 200, 'a proxy that rewrites Host')
  t.equal(asked({}), 403, 'S-039 no token')
  t.equal(asked({}, 'guess'), 403)
  t.equal(asked({ 'sec-fetch-site': 'none' }, token), 403)
  t.equal(asked({ origin: 'http://localhost', 'sec-fetch-site': 'same-site' }, token), 403)
  t.equal(codeOf(gate.change(knock('evil.test', {}, token))), 403)
})
