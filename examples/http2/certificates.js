// Makes a certificate for localhost: by mkcert if that is installed, otherwise self-signed. `node certificates.js` keeps a valid one.
import { spawnSync } from 'node:child_process'
import { mkdirSync, realpathSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readCertificate } from './renewal.js'

/** Paths of key and certificate. The environment variable CERTIFICATES names another folder. */
export function defaultFiles (folder = process.env.CERTIFICATES ?? fileURLToPath(new URL('certificates', import.meta.url))) {
  return { key: join(folder, 'localhost.key.pem'), cert: join(folder, 'localhost.pem') }
}

/** Replaces a certificate that is missing, wrong or expired. Returns lines to print. */
export async function ensureCertificate (files) {
  try {
    readCertificate(files)
    return [`The certificate ${files.cert} is valid.`]
  } catch {}
  mkdirSync(dirname(files.cert), { recursive: true })
  return byMkcert(files) ?? await selfSigned(files)
}

function byMkcert (files) {
  const made = spawnSync('mkcert', ['-cert-file', files.cert, '-key-file', files.key, 'localhost', '127.0.0.1', '::1'], { encoding: 'utf8' })
  if (made.status !== 0) return undefined
  return [`mkcert made the certificate ${files.cert}.`, .../not installed/.test(made.stderr) ? ['Run "mkcert -install" once, and browsers trust it.'] : []]
}

async function selfSigned (files) {
  const { generate } = await import('selfsigned')
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }, { type: 7, ip: '127.0.0.1' }, { type: 7, ip: '::1' }] }
    ]
  })
  writeFileSync(files.key, key, { mode: 0o600 })
  writeFileSync(files.cert, cert)
  return [
    `mkcert is not installed, so ${files.cert} is self-signed, and browsers warn. Install mkcert, or trust this certificate:`,
    `  ${trustBy(files.cert)}`
  ]
}

function trustBy (cert) {
  if (process.platform === 'darwin') return `security add-trusted-cert -p ssl -k ~/Library/Keychains/login.keychain-db "${cert}"`
  if (process.platform === 'win32') return `certutil -user -addstore Root "${cert}"`
  return `certutil -d sql:$HOME/.pki/nssdb -A -t P,, -n localhost -i "${cert}"  (Chromium; in Firefox accept the warning once)`
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  for (const line of await ensureCertificate(defaultFiles())) console.log(line)
}
