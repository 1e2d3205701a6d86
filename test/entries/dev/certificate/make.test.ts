// devCertificate() where it makes one: without mkcert, with one that works, with one that fails.
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { test } from 'tap'
import { cacheDir } from '../../../../lib/entries/dev/cache-dir.js'
import { isDue, keepPair } from '../../../../lib/entries/dev/certificate/certificate.js'
import { parseCertificate } from '../../../../lib/entries/dev/certificate/options.js'
import { devCertificate } from '../../../../lib/entries/dev/index.js'
import { folder } from '../../../support/folder.js'
import { issue } from '../../../support/issue.js'
import { onPosix } from '../../../support/system.js'
import { searchPrograms } from '../support.js'

const DAY = 24 * 60 * 60 * 1000

test('without mkcert it signs itself, is kept, and its key is for this user alone', async t => {
  searchPrograms(t)
  const at = folder(t)
  const dir = at.at('deep/cache')
  const first = await devCertificate({ dir })
  const x509 = new X509Certificate(first.cert)
  t.strictSame(first.files, { key: join(dir, 'localhost.key.pem'), cert: join(dir, 'localhost.pem') })
  t.equal(x509.subjectAltName, 'DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1')
  t.equal(x509.ca, false)
  t.equal(Math.round((Date.parse(x509.validTo) - Date.now()) / DAY), 90)
  if (process.platform !== 'win32') t.equal(statSync(first.files.key).mode & 0o777, 0o600)
  t.strictSame(readdirSync(dir).sort(), ['localhost.key.pem', 'localhost.pem'], 'no drafts are left')
  t.equal((await devCertificate({ dir })).cert, first.cert, 'kept while it is good')

  at.write('deep/cache/localhost.key.pem', (await issue()).key)
  const second = await devCertificate({ dir })
  t.not(second.cert, first.cert, 'a wrong one is made anew')
  const third = new X509Certificate((await devCertificate({ dir, hosts: ['localhost', '*.app.test'], days: 2 })).cert)
  t.equal(third.checkHost('a.app.test'), '*.app.test', 'one for other names')
  t.equal(Math.round((Date.parse(third.validTo) - Date.now()) / DAY), 2)
})

test('each list of hosts has files of its own, and the first name stands in front', async t => {
  searchPrograms(t)
  const { path: dir } = folder(t)
  const a = await devCertificate({ dir, hosts: ['localhost', 'a.test'] })
  const b = await devCertificate({ dir, hosts: ['localhost', 'b.test'] })
  t.match(relative(dir, a.files.cert), /^localhost-[\da-f]{8}\.pem$/)
  t.match(relative(dir, a.files.key), /^localhost-[\da-f]{8}\.key\.pem$/)
  t.not(a.files.cert, b.files.cert)
  t.equal((await devCertificate({ dir, hosts: ['localhost', 'a.test', 'localhost'] })).cert, a.cert, 'neither overwrites that of the other')
  t.equal(parseCertificate({ dir, hosts: ['localhost', '::1', '127.0.0.1'] }).files.cert, join(dir, 'localhost.pem'), 'those of the default have no hash')
})

test('one that ends soon is made anew, and used as it is when that fails', async t => {
  searchPrograms(t)
  const at = folder(t)
  const soon = await issue(-80, 5)
  at.write('localhost.key.pem', soon.key)
  at.write('localhost.pem', soon.cert)
  const settings = parseCertificate({ dir: at.path })
  const missing = async () => { throw Object.assign(new Error('not there'), { code: 'ERR_MODULE_NOT_FOUND' }) }
  const kept = await keepPair(settings, missing)
  t.equal(kept.cert, soon.cert)
  t.match(kept.note, /^the certificate \S+localhost\.pem ends soon, and cannot be made anew: .*npm install --save-dev selfsigned$/)
  t.not((await keepPair(settings)).cert, soon.cert)
  const due = async (from: number, to: number) => isDue({ x509: new X509Certificate((await issue(from, to)).cert) })
  t.strictSame([await due(0, 8), await due(-80, 6), await due(-1, 1), await due(-0.5, 1)], [false, true, false, false], 'a week, or a third of a short time')
  t.equal(await due(-2, 0.5), true)
})

test('a name of the least common form is taken, and found in what was made', async t => {
  searchPrograms(t)
  const hosts = ['*.app.test', 'localhost', 'my_host', 'fe80::1', '10.0.0.1', 'fd00:0:0::ffff:1:1']
  await t.resolves(devCertificate({ dir: folder(t).path, hosts }))
})

test('without mkcert and selfsigned the error names the package', async t => {
  searchPrograms(t)
  const settings = parseCertificate({ dir: folder(t).path })
  await t.rejects(keepPair(settings, async () => { throw new Error('broken') }), { code: 'FST_LIVE_RELOAD_NO_PACKAGE', message: 'live reload: devCertificate() without mkcert needs the package selfsigned (broken): npm install --save-dev selfsigned' })
  t.strictSame(readdirSync(settings.dir), [], 'no drafts are left')
})

test('a pair that never fits is given up', async t => {
  searchPrograms(t)
  const [one, other] = [await issue(), await issue()]
  let tries = 0
  const generate = async () => ({ cert: one.cert, private: other.key, tries: tries++ })
  await t.rejects(keepPair(parseCertificate({ dir: folder(t).path, hosts: ['localhost'] }), async () => ({ generate })), { code: 'FST_LIVE_RELOAD_CERTIFICATE', reason: 'foreign-key' })
  t.equal(tries, 4)
})

test('mkcert makes it where it is installed, and where it fails the certificate signs itself', onPosix, async t => {
  const at = folder(t)
  const { cert, key } = await issue()
  mkdirSync(at.at('bin'))
  at.write('issued/cert.pem', cert)
  at.write('issued/key.pem', key)
  const program = (script: string) => chmodSync(at.write('bin/mkcert', `#!/bin/sh\n${script}`), 0o755)
  const made = (dir: string) => keepPair(parseCertificate({ dir: at.at(dir) }))
  searchPrograms(t, at.at('bin'), '/bin', '/usr/bin')

  program(`[ "$5 $1 $3" = "localhost -cert-file -key-file" ] && cp ${at.at('issued/cert.pem')} "$2" && cp ${at.at('issued/key.pem')} "$4" && echo 'Created a new local CA' >&2`)
  t.strictSame(await made('a'), { cert, key, note: '' })
  t.equal(statSync(at.at('a/localhost.key.pem')).mode & 0o777, 0o600)
  program(`cp ${at.at('issued/cert.pem')} "$2" && cp ${at.at('issued/key.pem')} "$4" && echo 'Note: the local CA is not installed in the system trust store.' >&2`)
  t.strictSame(await made('b'), { cert, key, note: 'mkcert made the certificate. Run "mkcert -install" once, and browsers trust it' })
  program('echo "ERROR: no entropy" >&2; echo more >&2; exit 1')
  t.match((await made('c')).note, /^mkcert failed \(ERROR: no entropy\), so the certificate \S+ is self-signed, and browsers warn\. Install mkcert, or trust it with "/)
  program('exit 1')
  t.match((await made('d')).note, /^mkcert failed \(Command failed: mkcert /)
})

test('processes that start together end with one pair', async t => {
  searchPrograms(t)
  const { path: dir } = folder(t)
  const pairs = await Promise.all(Array.from({ length: 8 }, () => devCertificate({ dir })))
  for (const { cert, key } of pairs) t.ok(new X509Certificate(cert).checkPrivateKey(createPrivateKey(key)))
  t.ok(pairs.some(({ cert }) => cert === readFileSync(join(dir, 'localhost.pem'), 'utf8')))
})

test('the cache is that of the project', t => {
  const { at, path } = folder(t, { 'site/package.json': '{}', 'site/src/a.js': '' })
  t.equal(cacheDir(at('site/src')), at('site/node_modules/.cache/fastify-live-reload'))
  t.equal(cacheDir(join(path, 'other')), join(path, 'other/node_modules/.cache/fastify-live-reload'), 'without a project that of the directory')
  t.match(cacheDir(), /node_modules.\.cache.fastify-live-reload$/)
  t.end()
})

test('wrong options are errors that name them', async t => {
  const cases: readonly (readonly [unknown, RegExp])[] = [
    [null, /`devCertificate\(options\)` must be an object/],
    [{ host: 'a' }, /unknown option `devCertificate\.host`; known are dir/],
    [{ hosts: [] }, /`devCertificate\.hosts` must be a list of names and addresses, .*got \[\]/],
    [{ hosts: 'localhost' }, /`devCertificate\.hosts` must be/],
    [{ hosts: ['localhost', '-install'] }, /`devCertificate\.hosts\[1\]` must be a name or an address; .*, got "-install"/],
    ...['*.localhost', '*.test', '*.', '::ffff:127.0.0.1', '::FFFF:7f00:1', '0:0:0:0:0:ffff:7f00:1', '::127.0.0.1', 'fe80::1%eth0'].map(host =>
      [{ hosts: ['localhost', host] }, new RegExp(`\`devCertificate\\.hosts\\[1\\]\` must be a name or an address; .* got "${host.replace(/[*.]/g, '\\$&')}"`)] as const),
    [{ hosts: [7] }, /`devCertificate\.hosts\[0\]`/],
    [{ days: 0 }, /`devCertificate\.days` must be a whole number from 1 to 825, got 0/],
    [{ dir: 7 }, /`devCertificate\.dir` must be a path/],
    [{ key: 'key.pem' }, /`devCertificate\.cert` must be a path or a file: URL, got undefined/],
    [{ cert: 'cert.pem' }, /`devCertificate\.key` must be/]
  ]
  for (const [options, message] of cases) {
    await t.rejects(devCertificate(options as never), { code: /^FST_LIVE_RELOAD_(?:INVALID|UNKNOWN)_OPTION$/, message }, String(message))
  }
  searchPrograms(t)
  const { at } = folder(t, { file: '' })
  await t.rejects(devCertificate({ dir: at('file/below') }), { code: 'FST_LIVE_RELOAD_INVALID_OPTION', message: /`devCertificate\.dir` must be a folder that can be written to, got \S+ \(ENOTDIR\)/ })
  t.match(parseCertificate({ hosts: ['::1'], dir: at('a') }).files.cert, /_+1-[\da-f]{8}\.pem$/, 'a name for every file system')
})
