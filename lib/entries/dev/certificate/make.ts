// Makes a certificate: by mkcert where that is installed, otherwise one that signs itself.
import { execFile } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { errors } from '../../../errors.js'
import { trustCertificate } from '../commands.js'
import { loadPackage, type Load } from '../packages.js'
import type { CertificateFiles, CertificateSettings } from './options.js'

interface SelfSigned {
  generate (attributes: readonly object[], options: object): Promise<{ cert: string, private: string }>
}

/** Writes both files, and returns a note; `undefined` when it wrote none. */
type Make = (files: CertificateFiles) => Promise<string | undefined>

const MKCERT_TIMEOUT_MS = 30_000
const DAY_MS = 24 * 60 * 60 * 1000
const PRIVATE = 0o600

/**
 * Writes both files, and returns what people have to know of them.
 * @throws FST_LIVE_RELOAD_NO_PACKAGE without mkcert and without `selfsigned`, FST_LIVE_RELOAD_INVALID_OPTION when the folder cannot be written to
 */
export async function makePair (settings: CertificateSettings, load?: Load): Promise<string> {
  let reason = ''
  const note = await into(settings, files => runMkcert(files, settings.hosts).catch((error: NodeJS.ErrnoException) => {
    reason = error.code === 'ENOENT' ? 'mkcert is not installed' : `mkcert failed (${firstLine(error.message)})`
    return undefined
  }))
  if (note !== undefined) return note
  const { generate } = await loadPackage<SelfSigned>('devCertificate() without mkcert', 'selfsigned', load)
  await into(settings, async files => {
    const pair = await generate([{ name: 'commonName', value: settings.hosts[0] }], selfSigned(settings))
    await Promise.all([writeFile(files.key, pair.private, { mode: PRIVATE }), writeFile(files.cert, pair.cert)])
    return ''
  })
  return `${reason}, so the certificate ${settings.files.cert} is self-signed, and browsers warn. Install mkcert, or trust it with "${trustCertificate(settings.files.cert)}"`
}

/** Into a folder beside, so that nobody reads half of a file. */
async function into ({ dir, files }: CertificateSettings, make: Make): Promise<string | undefined> {
  let draft: string
  try {
    await mkdir(dir, { recursive: true })
    draft = await mkdtemp(join(dir, 'new-'))
  } catch (error) {
    throw new errors.FST_LIVE_RELOAD_INVALID_OPTION('devCertificate.dir', 'a folder that can be written to', `${dir} (${(error as NodeJS.ErrnoException).code})`)
  }
  try {
    const made = { key: join(draft, 'key.pem'), cert: join(draft, 'cert.pem') }
    const note = await make(made)
    if (note === undefined) return undefined
    await chmod(made.key, PRIVATE)
    await rename(made.key, files.key)
    await rename(made.cert, files.cert)
    return note
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}

function runMkcert (files: CertificateFiles, hosts: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile('mkcert', ['-cert-file', files.cert, '-key-file', files.key, ...hosts], { timeout: MKCERT_TIMEOUT_MS, windowsHide: true }, (error, _, stderr) => {
      if (error !== null) reject(Object.assign(error, stderr.trim() !== '' && { message: stderr.trim() }))
      else resolve(/not installed/.test(stderr) ? 'mkcert made the certificate. Run "mkcert -install" once, and browsers trust it' : '')
    })
  })
}

function selfSigned ({ hosts, days }: CertificateSettings): object {
  return {
    keyType: 'ec',
    algorithm: 'sha256',
    notAfterDate: new Date(Date.now() + days * DAY_MS),
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: hosts.map(host => isIP(host) === 0 ? { type: 2, value: host } : { type: 7, ip: host }) }
    ]
  }
}

function firstLine (text: string): string {
  return text.split('\n', 1)[0] as string
}
