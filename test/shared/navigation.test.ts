import { test } from 'tap'
import { isForeign, isNavigation, isSecure } from '../../lib/shared/navigation.js'

const HTML = 'text/html,application/xhtml+xml,*/*;q=0.8'
const cases: [expected: boolean, name: string, headers: Record<string, string>][] = [
  [true, 'users', { 'sec-fetch-dest': 'document' }],
  [true, 'john.doe', { 'sec-fetch-dest': 'document' }],
  [true, 'users', { 'sec-fetch-dest': 'iframe' }],
  [false, 'app.js', { 'sec-fetch-dest': 'document', accept: HTML }],
  [false, 'users', { 'sec-fetch-dest': 'script', accept: HTML }],
  [false, 'users', { 'sec-fetch-dest': 'empty', accept: HTML }],
  [true, 'users', { 'sec-fetch-dest': 'empty', 'sec-fetch-mode': 'navigate' }],
  [true, 'users', { 'sec-fetch-dest': 'empty', 'sec-fetch-mode': 'same-origin', 'upgrade-insecure-requests': '1' }],
  [false, 'users', { 'sec-fetch-dest': 'empty', 'sec-fetch-mode': 'same-origin', accept: HTML }],
  [false, 'users', { 'sec-fetch-dest': 'empty', 'sec-fetch-mode': 'cors', 'upgrade-insecure-requests': '1' }],
  [false, 'app.js', { 'sec-fetch-dest': 'empty', 'sec-fetch-mode': 'navigate' }],
  [true, 'users', { accept: HTML }],
  [true, '', { accept: HTML }],
  [true, 'users.html', { accept: HTML }],
  [false, 'john.doe', { accept: HTML }],
  [false, 'app.js', { accept: HTML }],
  [false, 'users', { accept: '*/*' }],
  [false, 'users', {}]
]

test('who waits for a page', async t => {
  for (const [expected, name, headers] of cases) t.equal(isNavigation({ headers }, name), expected, `${name} ${JSON.stringify(headers)}`)
})

const host = '192.168.0.2:3000'
const origins: [what: string, headers: Record<string, string>, secure: boolean, foreign: boolean][] = [
  ['no origin', { host }, false, false],
  ['the own one', { host, origin: `http://${host}` }, false, false],
  ['in other letters', { host: 'Box.test', origin: 'http://box.test' }, false, false],
  ['over HTTPS', { host, origin: `https://${host}` }, true, false],
  ['HTTP/2', { ':authority': host, origin: `https://${host}` }, true, false],
  ['another scheme', { host, origin: `https://${host}` }, false, true],
  ['another scheme, downwards', { host, origin: `http://${host}` }, true, true],
  ['another port', { host, origin: 'http://192.168.0.2' }, false, true],
  ['another host', { host, origin: 'http://evil.test:3000' }, false, true],
  ['an end that is the same', { host, origin: `http://evil.test//${host}` }, false, true],
  ['an opaque one', { host, origin: 'null' }, false, true],
  ['one that a policy hides', { host, origin: 'null', 'sec-fetch-site': 'same-origin' }, false, false],
  ['one that is not hidden', { host, origin: 'null', 'sec-fetch-site': 'cross-site' }, false, true]
]
for (const [what, headers, secure, foreign] of origins) test(`origin: ${what}`, async t => t.equal(isForeign({ headers, secure }), foreign))

test('HTTPS, by the server or by a proxy', async t => {
  t.ok(isSecure('https', {}))
  t.ok(isSecure('http', { 'x-forwarded-proto': 'https, http' }))
  t.notOk(isSecure('http', { 'x-forwarded-proto': 'http' }))
  t.notOk(isSecure('http', {}))
})
