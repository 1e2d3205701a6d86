// Attacks on the file gate, over raw sockets.
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { test } from 'tap'
import { folder } from '../support/folder.js'
import { onPosix } from '../support/system.js'
import { request, serve, type Answer } from './support.js'

const SECRET = 'TOP-SECRET'
const FILES = {
  'site/index.html': '<h1>home</h1>',
  'site/ok.txt': 'fine',
  'site/sub/a.html': '<p>sub</p>',
  'site/nested/index.html': '<p>nested</p>',
  'site/private/s': 'members only',
  'site/.well-known/security.txt': 'Contact: us',
  // The accent is a character of its own, as macOS writes it.
  'site/e\u0301.txt': SECRET,
  'site2/s.txt': SECRET,
  'secret.txt': SECRET,
  ...Object.fromEntries([
    '.env', '.env.local', 'sub/.env', '.git/config', '.npmrc', '.yarnrc.yml', '.ssh/id_rsa', '.vscode/settings.json', '.DS_Store',
    'server.key', 'a.pem', 'a.crt', 'secret.crt', 'a.p12', 'a.pfx', 'a.der', 'a.html~', 'a.html.swp', '#a.html#', 'npm-debug.log'
  ].map(name => [`site/${name}`, SECRET]))
}

type Case = readonly [target: string, statuses: readonly number[]]
const table = (statuses: readonly number[], ...targets: string[]): Case[] => targets.map(target => [target, statuses])

const attacks: Record<string, readonly Case[]> = {
  'secret dot files': table([404], '/.env', '/%2eenv', '/%2Eenv', '/.env.local', '/sub/.env', '/.git/config', '/.npmrc', '/.yarnrc.yml', '/.ssh/id_rsa', '/.vscode/settings.json', '/.DS_Store'),
  'key material and backups': table([403], '/server.key', '/SERVER.KEY', '/a.pem', '/a.crt', '/a.p12', '/a.pfx', '/a.der', '/a.html~', '/a.html.swp', '/%23a.html%23', '/npm-debug.log', '/server%2ekey'),
  'dot-dot family': table([400, 403, 404], '/../secret.txt', '/%2e%2e/secret.txt', '/%2E%2E/secret.txt', '/..%2fsecret.txt', '/..%5csecret.txt', '/..\\secret.txt', '/sub/../../secret.txt',
    '/%252e%252e/secret.txt', '/%c0%ae%c0%ae/secret.txt', '/..;/secret.txt', '/.../secret.txt', '/sub/..%2f..%2fsecret.txt', '/%2e%2e%2fsecret.txt', '/sub%2f..%2f..%2fsecret.txt', '/..', '/%2e%2e'),
  'a sibling with the same prefix': table([403, 404], '/../site2/s.txt', '/..%2fsite2/s.txt', '/%2e%2e/site2/s.txt'),
  'the query changes nothing': table([404], '/.env?raw', '/.env?raw??', '/.env?import&raw??', '/.env?url', '/.env?inline&import', '/.env?.svg?.wasm?init', '/.env?x=../../etc/passwd', '/.env?format=html', '/.env?a.html'),
  fragments: table([400, 403, 404], '/ok.txt#/../../secret.txt', '/ok.txt#', '/#/.env'),
  'trailing tricks': table([403, 404], '/.env/', '/.env/.', '/.env%20', '/.env.', '/.env\\', '/.env%5c', '/secret.crt/.', '/secret.crt/', '/ok.txt/', '/ok.txt/.', '/ok.txt//'),
  'NUL and control bytes': table([400, 403, 404], '/a.html%00', '/a%00.png', '/ok.txt%00', '/%0d%0aX:%20y', '/%0d%0aSet-Cookie:a=b', '/%1b[2J', '/%7f'),
  'a name in the other form of Unicode': table([404], '/%c3%a9.txt'),
  'no listing unless asked for': table([404], '/sub/', '/sub', '/private/')
}

for (const [name, cases] of Object.entries(attacks)) {
  test(name, async t => {
    const { at } = folder(t, FILES)
    const site = await serve(t, { root: [at('site'), { path: `${at('site')}/`, prefix: '/in/docs', spa: true, index: 'none.html' }] })
    for (const prefix of ['', '/in/docs']) {
      for (const [target, statuses] of cases) {
        const answer = await site.get(prefix + target)
        t.ok(statuses.includes(answer.status), `${prefix}${target}: ${answer.status}`)
        t.notMatch(answer.text, SECRET)
        t.notOk('x' in answer.headers || 'set-cookie' in answer.headers, 'no header came in')
        const head = await site.get(prefix + target, {}, 'HEAD')
        t.ok(statuses.includes(head.status), `HEAD ${prefix}${target}: ${head.status}`)
      }
    }
  })
}

test('/.well-known is served', async t => {
  const { at } = folder(t, FILES)
  const site = await serve(t, { root: at('site') })
  t.match(await site.get('/.well-known/security.txt'), { status: 200, text: 'Contact: us' })
})

test('a guarded route is not walked around', async t => {
  const { at } = folder(t, FILES)
  const site = await serve(t, { root: at('site') }, { before: app => app.get('/private/*', (_request, reply) => reply.code(401).send('who are you')) })
  const targets = ['/private/s', '/private%2fs', '/x/../private/s', '//private/s', '/./private/s', '/PRIVATE/s', '/private//s', '/private/./s', '/private/s/', '/%70rivate/s', '/private\\s', '/sub/../private/s']
  for (const target of targets) {
    const answer = await site.get(target)
    t.ok([400, 401, 403, 404].includes(answer.status), `${target}: ${answer.status}`)
    t.notMatch(answer.text, 'members only')
  }
})

test('nor is that of a page that gets the client', async t => {
  const { at } = folder(t, { 'site/private/p.html': 'members only' })
  const site = await serve(t, { root: at('site') }, { stampsPages: () => true, before: app => app.get('/private/*', (_request, reply) => reply.code(401).send('who are you')) })
  for (const target of ['/private/p.html', '/private%2fp.html', '/private%2Fp.html?x', '/private%2fp.html#x', '/%70rivate/p.html', '/PRIVATE/p.html']) {
    for (const headers of [{}, { 'If-None-Match': '"x"' }] as Record<string, string>[]) {
      const answer = await site.get(target, headers)
      t.ok([400, 401, 403, 404].includes(answer.status), `${target}: ${answer.status}`)
      t.notMatch(answer.text, 'members only')
    }
  }
})

if (process.platform === 'win32') {
  test('aliases of Windows', async t => {
    const { at } = folder(t, FILES)
    const site = await serve(t, { root: at('site') })
    for (const target of ['/.env::$DATA', '/ENV~1', '/.ENV', '/..%5c', '/C:/x', '/CON', '//?/x', '/OK.TXT', '/ok.txt.', '/ok.txt%20']) {
      t.ok([400, 403, 404].includes((await site.get(target)).status), target)
    }
  })
}

test('links that leave the root', async t => {
  const { at } = folder(t, { ...FILES, 'outside/o.css': SECRET, 'outside/index.html': SECRET })
  const links = { 'link.txt': '../secret.txt', 'link.html': '../outside/index.html', dir: '../outside', 'abs.css': at('outside/o.css'), 'hop.txt': 'link.txt', 'env.txt': '.env', 'key.html': 'server.key', 'in.html': 'sub/a.html', 'loop.html': 'loop.html' }
  for (const [name, to] of Object.entries(links)) symlinkSync(to, at(`site/${name}`))
  symlinkSync(at('site'), at('current'))
  const site = await serve(t, {
    root: [at('site'), { path: at('site'), prefix: '/open', followSymlinks: true, list: true }, { path: at('current'), prefix: '/current' }, { path: at('site'), prefix: '/list', list: true }]
  })
  const outside = ['/link.txt', '/link.html', '/dir/o.css', '/dir/', '/dir', '/dir/index.html', '/abs.css', '/hop.txt', '/env.txt', '/key.html', '/loop.html']
  for (const prefix of ['', '/current', '/list']) {
    for (const target of outside) {
      for (const [method, headers] of [['GET', {}], ['HEAD', {}], ['GET', { Range: 'bytes=0-3' }], ['GET', { 'If-None-Match': '*' }]] as const) {
        const answer = await site.get(prefix + target, headers, method)
        t.equal(answer.status, 403, `${method} ${prefix}${target} ${JSON.stringify(headers)}`)
        t.notMatch(answer.text, SECRET)
        t.notOk(answer.headers.etag ?? answer.headers['last-modified'] ?? answer.headers['content-range'], 'nothing of the file in the headers')
      }
    }
    t.match(await site.get(`${prefix}/in.html`), { status: 200, text: '<p>sub</p>' }, 'links inside are fine')
    t.match(await site.get(`${prefix}/sub/a.html`), { status: 200 }, 'and so is a root that is a link itself')
  }
  t.match((await site.get('/link.txt')).text, 'followSymlinks: true', 'says what to set')
  for (const target of outside.slice(0, 6)) t.match(await site.get(`/open${target}`), target === '/dir' ? { status: 302 } : { status: 200, text: SECRET }, target)
  t.equal((await site.get('/link.html')).status, 403, 'what one root has read and may show is no leave for another')
})

test('every way to a file passes the same gate', async t => {
  const { at } = folder(t, { ...FILES, 'site/style.css': 'plain', 'site/style.css.br': 'packed', 'outside.html': SECRET })
  symlinkSync('../outside.html', at('site/extended.html'))
  symlinkSync('../outside.html', at('site/spa.html'))
  symlinkSync('../outside.html', at('site/packed.css.br'))
  mkdirSync(at('site/linked'))
  symlinkSync('../../outside.html', at('site/linked/index.html'))
  const site = await serve(t, { root: [{ path: at('site'), extensions: ['html'], spa: 'spa.html' }, { path: at('site'), prefix: '/packed', preCompressed: true }] })
  for (const target of ['/extended', '/linked/', '/nowhere', '/spa.html']) {
    const answer = await site.get(target, { 'Sec-Fetch-Dest': 'document' })
    t.equal(answer.status, 403, target)
    t.notMatch(answer.text, SECRET)
  }
  t.match(await site.get('/packed/style.css', { 'Accept-Encoding': 'br' }), { status: 200, text: 'packed', headers: { 'content-encoding': 'br' } })
  const packed = await site.get('/packed/packed.css', { 'Accept-Encoding': 'br' })
  t.match(packed, { status: 403, headers: { 'content-type': 'application/json; charset=utf-8' } })
  t.notOk(packed.headers['content-encoding'])
  t.notMatch(packed.text, SECRET)
})

test('a source map gives nothing that is not in the root', async t => {
  const { at } = folder(t, { ...FILES, 'site/app.js.map': '{"version":3,"sources":["../secret.txt"]}' })
  symlinkSync('../secret.txt', at('site/link.js.map'))
  const site = await serve(t, { root: at('site') })
  t.notMatch((await site.get('/app.js.map')).text, SECRET)
  t.match(await site.get('/link.js.map'), { status: 403 })
})

test('redirects never leave', async t => {
  const { at } = folder(t, FILES)
  mkdirSync(at('site/google.com'))
  mkdirSync(at('site/http:'))
  writeFileSync(at('site/google.com/index.html'), 'x')
  writeFileSync(at('site/http:/index.html'), 'x')
  const site = await serve(t, { root: at('site') })
  for (const target of ['//google.com/..', '/%5cgoogle.com/', '//google.com', '/%2fgoogle.com', '/\\google.com', '/%0d%0aLocation:%20http://evil.test', '/google.com', '/http:', '/google.com?//evil.test']) {
    const { headers, status } = await site.get(target)
    if (status === 302) t.match(headers.location, /^\.\/[^/]+\/(\?.*)?$/, `${target} -> ${headers.location}`)
    else t.notOk(headers.location, target)
  }
  t.match(await site.get('/google.com?a=b'), { status: 302, headers: { location: './google.com/?a=b' } })
  t.match(await site.get('/http:'), { status: 302, headers: { location: './http%3A/' } })
})

test('files that are no files', onPosix, async t => {
  const { at } = folder(t, FILES)
  execFileSync('mkfifo', [at('site/fifo.html'), at('site/fifo.css')])
  symlinkSync('/dev/zero', at('site/zero.html'))
  symlinkSync('/dev/zero', at('site/zero.css'))
  mkdirSync(at('site/dir.html'))
  writeFileSync(at('site/locked.css'), SECRET)
  chmodSync(at('site/locked.css'), 0)
  const socket = createServer().listen(at('site/socket.html'))
  t.teardown(() => socket.close())
  const site = await serve(t, { root: at('site') })
  const names = ['fifo.html', 'fifo.css', 'zero.html', 'zero.css', 'dir.html', 'dir.html/', 'socket.html']
  if (process.getuid?.() !== 0) names.push('locked.css')
  for (const answer of await Promise.all(names.map(name => site.get(`/${name}`)))) t.ok([403, 404].includes(answer.status), `${names.shift()}: ${answer.status}`)
  t.equal((await site.get('/ok.txt')).status, 200, 'no thread is stuck')
})

test('abused ranges and conditions', async t => {
  const { at } = folder(t, FILES)
  const site = await serve(t, { root: at('site') })
  const many = `bytes=${Array.from({ length: 1000 }, (_, i) => `${i}-${i}`).join(',')}`
  const etags = Array.from({ length: 1000 }, (_, i) => `"${i}"`).join(',')
  const cases: [Record<string, string>, number[]][] = [
    [{ Range: many }, [200, 206, 416]], [{ Range: 'bytes=99999-' }, [416]], [{ Range: 'bytes=-0' }, [200, 416]], [{ Range: 'bytes=5-1' }, [200, 416]], [{ Range: 'lines=1-2' }, [200]],
    [{ 'If-None-Match': etags }, [200]], [{ 'If-None-Match': `"${'x'.repeat(1_000_000)}"` }, [431]], [{ 'If-Modified-Since': 'never' }, [200]], [{ 'If-Match': '"other"' }, [412]]
  ]
  for (const [headers, statuses] of cases) {
    for (const target of ['/ok.txt', '/index.html']) {
      const { status } = await request(site.port, target, headers).catch(() => ({ status: 431 }) as Answer)
      t.ok(statuses.includes(status), `${target} ${JSON.stringify(headers).slice(0, 40)}: ${status}`)
    }
  }
})

test('every file asks who it is meant for', async t => {
  const { at } = folder(t, FILES)
  const site = await serve(t, { root: at('site') }, { hostGate: ({ headers }) => headers.host === 'evil.test' ? { ok: false, message: "evil.test is not allowed: add security: { allowedHosts: ['evil.test'] }" } : headers.host === '' ? { ok: false, status: 400, message: 'no host' } : { ok: true } })
  for (const target of ['/', '/ok.txt', '/nothing', '/.env', '/sub']) {
    t.match(await site.get(target, { Host: 'evil.test' }), { status: 403, text: /evil\.test.*allowedHosts/, headers: { 'content-type': 'text/plain; charset=utf-8' } }, target)
  }
  t.match(await site.get('/', { Host: '' }), { status: 400, text: 'no host' })
  t.match(await site.get('/'), { status: 200 })
})
