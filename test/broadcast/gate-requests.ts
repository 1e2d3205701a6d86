// Requests to the gate, and its verdict on each.

/** What the app of these tables allows. */
export const allowed = { allowedHosts: ['dev.test', '.acme.test'], allowedOrigins: ['https://front.test:5173'] }

export const hosts: [host: string | string[] | undefined, status: number, why: string][] = [
  ['evil.test:3000', 403, 'a name that was made to resolve to us'],
  ['localhost.evil.test', 403, 'look-alike'],
  ['evil-localhost', 403, 'look-alike'],
  ['127.0.0.1.nip.io', 403, 'look-alike'],
  ['127.1', 403, 'what new URL() would read as 127.0.0.1'],
  ['xn--lcalhost-23a', 403, 'look-alike'],
  ['localhost:3000@evil.test', 400, 'user information'],
  ['evil.test/localhost', 400, 'a path'],
  ['localhost\tevil', 400, 'white space'],
  [undefined, 400, 'none'],
  ['', 400, 'empty'],
  [['localhost', 'evil.test'], 400, 'two'],
  ['[::1', 400, 'half an address'],
  ['[::zz]', 400, 'no address'],
  ['localhost:', 400, 'a colon without a port'],
  ['localhost', 200, 'loopback'],
  ['LOCALHOST:3000', 200, 'any case'],
  ['localhost.', 200, 'one final dot'],
  ['foo.localhost', 200, 'loopback'],
  ['127.0.0.1', 200, 'an address'],
  ['[::1]', 200, 'an address'],
  ['[::1]:3000', 200, 'an address'],
  ['192.168.1.5:3000', 200, 'an address cannot be rebound'],
  ['dev.test', 200, 'exact'],
  ['a.dev.test', 403, 'exact means exact'],
  ['acme.test', 200, 'subtree'],
  ['a.b.ACME.test', 200, 'subtree'],
  ['xacme.test', 403, 'not a subtree']
]

/** Judged without what only a change needs. */
export const originsOf = (token: string): [host: string, origin: string, token: string | undefined, status: number, why: string][] => [
  ['localhost:3000', 'http://evil.test', undefined, 403, 'a foreign page'],
  ['localhost:3000', 'http://evil.test', '', 403, 'empty token'],
  ['localhost:3000', 'http://evil.test', 'x'.repeat(token.length), 403, 'wrong token of the same length'],
  ['localhost:3000', 'http://evil.test', `${token}x`, 403, 'wrong token, one longer'],
  ['localhost:3000', 'https://app.test', token, 200, 'behind a proxy that rewrites Host (decision 8)'],
  ['evil.test', 'http://evil.test', token, 403, 'the host rule comes first'],
  ['localhost', 'http://203.0.113.9', undefined, 403, 'anyone can serve a page from an address'],
  ['192.168.1.5:3000', 'http://192.168.1.5:3000', undefined, 200, 'a phone on the LAN'],
  ['192.168.1.5:3000', 'http://192.168.1.5:9999', undefined, 403, 'another port'],
  ['localhost:3000', 'http://127.0.0.1:3000', undefined, 200, 'loopback names are equal'],
  ['[::1]:3000', 'http://localhost:3000', undefined, 200, 'loopback names are equal'],
  ['127.0.0.2:3000', 'http://[::1]:3000', undefined, 200, 'loopback names are equal'],
  ['localhost:3000', 'http://localhost:9999', undefined, 403, 'same site, other origin'],
  ['localhost:3000', 'null', undefined, 403, 'opaque'],
  ['localhost:3000', 'null', token, 403, 'opaque, whatever it carries'],
  ['localhost:3000', 'http://', undefined, 403, 'malformed'],
  ['localhost:3000', 'http://foo:localhost', undefined, 403, 'malformed'],
  ['localhost:3000', 'file:///x', undefined, 403, 'malformed'],
  ['localhost:3000', 'chrome-extension://abcdef', undefined, 403, 'malformed'],
  ['localhost:3000', `http://${'a'.repeat(10_000)}`, undefined, 403, 'malformed'],
  ['localhost', 'http://localhost', undefined, 200, 'no port means the scheme\'s'],
  ['localhost:80', 'http://localhost', undefined, 200, 'written or not'],
  ['localhost', 'https://localhost:443', undefined, 200, 'TLS may end at a proxy'],
  ['localhost:443', 'http://localhost', undefined, 403, 'other port'],
  ['localhost:3000', 'https://front.test:5173', undefined, 200, 'allowedOrigins'],
  ['localhost:3000', 'HTTPS://Front.test:5173', undefined, 200, 'allowedOrigins, any case']
]

type Headers = Record<string, string>
const foreign = { origin: 'http://localhost:8080' }

export const sites: [host: string, headers: Headers, status: number, why: string][] = [
  ['localhost', {}, 200, 'no browser'],
  ['localhost', { 'sec-fetch-site': 'same-origin' }, 200, 'the browser vouches for it'],
  ['localhost', { 'sec-fetch-site': 'none' }, 200, 'typed by hand'],
  ['localhost', { 'sec-fetch-site': 'same-site' }, 403, 'another site'],
  ['localhost', { 'sec-fetch-site': 'cross-site' }, 403, 'another site'],
  ['127.0.0.1:3000', { ...foreign, 'sec-fetch-site': 'same-origin' }, 200, 'a proxy rewrote Host'],
  ['127.0.0.1:3000', { ...foreign, 'sec-fetch-site': 'same-site' }, 403, 'another site'],
  ['127.0.0.1:3000', { ...foreign, 'sec-fetch-site': 'cross-site' }, 403, 'another site'],
  ['127.0.0.1:3000', { origin: 'null', 'sec-fetch-site': 'same-origin' }, 403, 'another site'],
  ['evil.test', { origin: 'http://evil.test', 'sec-fetch-site': 'same-origin' }, 403, 'another site']
]

export const changes: [host: string, headers: Headers, token: boolean, status: number, why: string][] = [
  ['localhost', {}, true, 200, 'a program'],
  ['localhost', { 'sec-fetch-site': 'same-origin' }, true, 200, 'a page of ours'],
  ['localhost', { origin: 'https://behind.test', 'sec-fetch-site': 'same-origin' }, true, 200, 'a proxy that rewrites Host'],
  ['localhost', {}, false, 403, 'no token'],
  ['127.0.0.1:3000', { ...foreign, 'sec-fetch-site': 'same-origin' }, false, 403, 'no token'],
  ['localhost', { 'sec-fetch-site': 'none' }, true, 403, 'only same-origin'],
  ['localhost', { origin: 'http://localhost', 'sec-fetch-site': 'same-site' }, true, 403, 'another site'],
  ['localhost', { origin: 'http://localhost:9999', 'sec-fetch-site': 'same-site' }, true, 403, 'another site'],
  ['192.168.1.5:3000', { origin: 'http://192.168.1.5:9999', 'sec-fetch-site': 'same-site' }, true, 403, 'another site'],
  ['localhost', { origin: 'null' }, true, 403, 'another site'],
  ['evil.test', {}, true, 403, 'another site']
]
