import { test } from 'tap'
import { deniedFiles, judgeNames, judgeTarget } from '../../lib/static/path-gate.js'

const good: [url: string, depth: number, names: string[], directory: boolean][] = [
  ['/', 0, [], true],
  ['/a.html', 0, ['a.html'], false],
  ['/a/b/', 0, ['a', 'b'], true],
  ['/docs/', 1, [], true],
  ['/docs/a.html?x=../..', 1, ['a.html'], false],
  ['/x/docs/a', 2, ['a'], false],
  ['/a%20b.html', 0, ['a b.html'], false],
  ['/%C3%BC%E4%B8%AD.html', 0, ['ü中.html'], false],
  ['/100%25.html', 0, ['100%.html'], false],
  ['/a%3Fb%23c.html', 0, ['a?b#c.html'], false],
  ['/%2565nv', 0, ['%65nv'], false],
  ['/.well-known/security.txt', 0, ['.well-known', 'security.txt'], false],
  ['/docs', 1, [], true],
  ['/..;/x', 1, ['x'], false],
  ['/a:b', 0, ['a:b'], false]
]

test('paths that may name a file', async t => {
  for (const [url, depth, names, directory] of good) t.same(judgeTarget(url, depth, 'ignore', false), { ok: true, names, directory }, url)
})

const bad: [status: number, url: string][] = [
  [400, 'http://evil.test/x'], [400, '*'], [400, '/a#b'], [400, '/%'], [400, '/%c0%ae%c0%ae/x'], [400, '/%zz'],
  [400, '/a%00.html'], [400, '/a%0d%0ab'], [400, '/a%7f'], [400, '/\u0001'],
  [403, '//a'], [403, '/a//b'], [403, '/a//'], [403, '/./a'], [403, '/a/.'], [403, '/../a'], [403, '/a/..'], [403, '/%2e%2e/a'], [403, '/%2E/a'],
  [403, '/..%2fa'], [403, '/..%5ca'], [403, '/a%5Cb'], [403, '/a\\b'], [403, '/private%2fs'],
  [404, '/.env'], [404, '/%2eenv'], [404, '/a/.git/config'], [404, '/a/.well-known/x'], [404, '/.well-known/.env'], [404, '/...'],
  [404, `/${'a'.repeat(4096)}`],
  [403, '/server.key'], [403, '/SERVER.KEY'], [403, '/a.pem/'], [403, '/id_rsa'], [403, '/a.html~'], [403, '/%23a.html%23'], [403, '/npm-debug.log.1']
]

test('paths that never do', async t => {
  for (const [status, url] of bad) t.match(judgeTarget(url, 0, 'ignore', false), { ok: false, status }, url.slice(0, 40))
})

test('S-060 aliases of Windows', async t => {
  for (const url of ['/.env::$DATA', '/a.html::$DATA', '/C:/x', '/CON', '/nul.txt', '/com1', '/a.html.', '/a.html%20', '/lpt9.x/y']) {
    t.match(judgeTarget(url, 0, 'ignore', true), { ok: false, status: 404 }, url)
  }
  for (const url of ['/console.html', '/com.html', '/a.b.html']) t.match(judgeTarget(url, 0, 'ignore', true), { ok: true }, url)
})

test('dot files by option', async t => {
  t.match(judgeTarget('/.env', 0, 'deny'), { ok: false, status: 403 })
  t.match(judgeTarget('/.env', 0, 'allow'), { ok: true, names: ['.env'] })
  t.match(judgeTarget('/.key.pem', 0, 'allow'), { ok: false, status: 403 }, 'the list of names holds all the same')
})

test('every entry of deniedFiles refuses what it says, and nothing near it', async t => {
  for (const glob of deniedFiles) t.match(judgeNames([glob.replaceAll('*', 'x')]), { ok: false, status: 403 }, glob)
  for (const name of ['key', 'keys.html', 'a.pem.html', 'xid_rsa', 'id_rsa.html', 'a~b', '#a', 'a#', 'swp', 'x.swpx', 'debug.log', 'axkey']) t.equal(judgeNames([name]), undefined, name)
})
