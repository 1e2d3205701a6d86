// What is wrong with a certificate, and the command that helps.
import { createPrivateKey } from 'node:crypto'
import { chmodSync, rmSync } from 'node:fs'
import { test } from 'tap'
import { allowRead, decryptKey, makeCertificate, trustCertificate } from '../../../../lib/entries/dev/commands.js'
import { devCertificate, type CertificateFault } from '../../../../lib/entries/dev/index.js'
import { type Folder, folder } from '../../../support/folder.js'
import { type Issue, issue } from '../../../support/issue.js'
import { onPosix } from '../../../support/system.js'

function install (at: Folder, { key, cert }: Issue) {
  at.write('key.pem', key)
  at.write('cert.pem', cert)
}

test('each certificate that is of no use has its error, with the command that helps', async t => {
  const [good, other, old, early] = await Promise.all([issue(), issue(), issue(-30, -1), issue(1, 30)])
  const encrypted = createPrivateKey(good.key).export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'open-sesame' })
  const cases: readonly (readonly [CertificateFault, 'key.pem' | 'cert.pem', (at: Folder) => void, RegExp])[] = [
    ['missing', 'cert.pem', at => rmSync(at.at('cert.pem')), /the certificate \S+cert\.pem does not exist: make a new one with "mkcert -key-file '\S+key\.pem' -cert-file '\S+cert\.pem' localhost"/],
    ['missing', 'key.pem', at => rmSync(at.at('key.pem')), /the private key \S+key\.pem does not exist: make/],
    ['unreadable', 'cert.pem', at => { rmSync(at.at('cert.pem')); at.write('cert.pem/a', '') }, /the certificate \S+cert\.pem cannot be read \(EISDIR\): make/],
    ['not-pem', 'cert.pem', at => at.write('cert.pem', 'junk'), /cert\.pem contains no certificate in PEM form: make/],
    ['not-pem', 'key.pem', at => at.write('key.pem', good.cert), /key\.pem contains no private key in PEM form: make/],
    ['encrypted', 'key.pem', at => at.write('key.pem', encrypted), /the private key \S+key\.pem is encrypted: decrypt it with "openssl pkey -in /],
    ['foreign-key', 'key.pem', at => at.write('key.pem', other.key), /key\.pem does not belong to the certificate \S+cert\.pem: use the key that was issued with it, or make/],
    ['refused', 'cert.pem', at => at.write('cert.pem', `${good.cert}\n-----BEGIN CERTIFICATE-----\nAAAA`), /TLS refuses the certificate \S+cert\.pem \(.+\): make/],
    ['expired', 'cert.pem', at => install(at, old), /cert\.pem expired on \d{4}-\d\d-\d\d: make/],
    ['not-yet-valid', 'cert.pem', at => install(at, early), /cert\.pem is not valid before \d{4}-\d\d-\d\d: check the clock, or make/]
  ]
  for (const [reason, file, spoil, message] of cases) {
    const at = folder(t)
    install(at, good)
    spoil(at)
    await t.rejects(devCertificate({ key: at.at('key.pem'), cert: at.at('cert.pem'), hosts: ['localhost'] }), { code: 'FST_LIVE_RELOAD_CERTIFICATE', reason, file: at.at(file), message }, String(message))
  }
  const at = folder(t)
  install(at, good)
  const own = { key: at.at('key.pem'), cert: at.at('cert.pem') }
  t.match(await devCertificate(own), { key: good.key, cert: good.cert, files: own }, 'a good one, for whatever it is')
  await t.rejects(devCertificate({ ...own, hosts: ['localhost', 'app.test'] }), { reason: 'other-name', message: /is not for app\.test: make/ })
  await t.rejects(devCertificate({ ...own, hosts: ['127.0.0.1', '10.0.0.1'] }), { reason: 'other-name', message: /is not for 10\.0\.0\.1/ })
})

test('a file that this user may not read says how to allow it', onPosix, async t => {
  const at = folder(t)
  install(at, await issue())
  chmodSync(at.at('key.pem'), 0)
  // Root may read everything, and nobody may not.
  const isRoot = process.geteuid?.() === 0
  if (isRoot) process.seteuid?.(65_534)
  try {
    await t.rejects(devCertificate({ key: at.at('key.pem'), cert: at.at('cert.pem') }), { reason: 'unreadable', message: /cannot be read \(EACCES\): allow it with "sudo chown/ })
  } finally {
    if (isRoot) process.seteuid?.(0)
  }
})

test('each system has its commands', t => {
  const files = { key: 'k.pem', cert: 'c.pem' }
  t.equal(makeCertificate(files, []), "mkcert -key-file 'k.pem' -cert-file 'c.pem' localhost 127.0.0.1 ::1")
  t.equal(makeCertificate(files, ['app.test']), "mkcert -key-file 'k.pem' -cert-file 'c.pem' app.test")
  t.equal(decryptKey('k.pem'), "openssl pkey -in 'k.pem' -out 'k.pem.plain'")
  t.strictSame((['linux', 'darwin', 'win32'] as const).map(system => [allowRead('k', system), trustCertificate('c', system)]), [
    ["sudo chown $(id -u) 'k'", "certutil -d sql:$HOME/.pki/nssdb -A -t P,, -n fastify-live-reload -i 'c'"],
    ["sudo chown $(id -u) 'k'", "security add-trusted-cert -p ssl -k ~/Library/Keychains/login.keychain-db 'c'"],
    ["icacls 'k' /grant %USERNAME%:R", "certutil -user -addstore Root 'c'"]
  ])
  t.end()
})
