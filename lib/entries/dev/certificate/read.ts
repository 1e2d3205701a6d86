// Reads a certificate and its key, and says what is wrong with them.
import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { createSecureContext } from 'node:tls'
import { errors } from '../../../errors.js'
import { allowRead, decryptKey, makeCertificate } from '../commands.js'
import type { CertificateFiles } from './options.js'

/** Both in PEM form, as Node's TLS takes them. */
export interface Pair {
  readonly key: string
  readonly cert: string
}

/** Why a certificate is of no use; the field `reason` of the error. */
export type CertificateFault = 'missing' | 'unreadable' | 'not-pem' | 'encrypted' | 'foreign-key' | 'expired' | 'not-yet-valid' | 'other-name' | 'refused'

export interface ReadPair extends Pair {
  readonly x509: X509Certificate
}

const day = (date: string): string => new Date(date).toISOString().slice(0, 10)

/**
 * `hosts`: what it has to be valid for, besides now.
 * @throws FST_LIVE_RELOAD_CERTIFICATE with the fields `reason` and `file`
 */
export async function readPair (files: CertificateFiles, hosts: readonly string[]): Promise<ReadPair> {
  const remake = `make a new one with "${makeCertificate(files, hosts)}"`
  const fail = (reason: CertificateFault, file: string, what: string, how = remake, cause?: unknown): Error =>
    Object.assign(new errors.FST_LIVE_RELOAD_CERTIFICATE(what, how), { reason, file, ...cause !== undefined && { cause } })
  const read = async (file: string, what: string): Promise<string> => {
    try {
      return await readFile(file, 'utf8')
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'ENOENT') throw fail('missing', file, `the ${what} ${file} does not exist`, remake, error)
      throw fail('unreadable', file, `the ${what} ${file} cannot be read (${code})`, code === 'EACCES' ? `allow it with "${allowRead(file)}"` : remake, error)
    }
  }
  const [key, cert] = [await read(files.key, 'private key'), await read(files.cert, 'certificate')]
  const x509 = parse(() => new X509Certificate(cert), error => fail('not-pem', files.cert, `${files.cert} contains no certificate in PEM form`, remake, error))
  const secret = parse<KeyObject>(() => createPrivateKey(key), error => /ENCRYPTED/.test(key)
    ? fail('encrypted', files.key, `the private key ${files.key} is encrypted`, `decrypt it with "${decryptKey(files.key)}"`, error)
    : fail('not-pem', files.key, `${files.key} contains no private key in PEM form`, remake, error))
  if (!x509.checkPrivateKey(secret)) throw fail('foreign-key', files.key, `the private key ${files.key} does not belong to the certificate ${files.cert}`, `use the key that was issued with it, or ${remake}`)
  if (Date.parse(x509.validTo) <= Date.now()) throw fail('expired', files.cert, `the certificate ${files.cert} expired on ${day(x509.validTo)}`)
  if (Date.parse(x509.validFrom) > Date.now()) throw fail('not-yet-valid', files.cert, `the certificate ${files.cert} is not valid before ${day(x509.validFrom)}`, `check the clock, or ${remake}`)
  const other = hosts.find(host => (isIP(host) === 0 ? x509.checkHost(host.replace('*', 'any')) : x509.checkIP(host)) === undefined)
  if (other !== undefined) throw fail('other-name', files.cert, `the certificate ${files.cert} is not for ${other}`)
  // Node reads more than TLS takes.
  const refused = (file: string, what: string) => (error: unknown): Error => fail('refused', file, `TLS refuses the ${what} ${file} (${(error as Error).message})`, remake, error)
  parse(() => createSecureContext({ cert }), refused(files.cert, 'certificate'))
  parse(() => createSecureContext({ key, cert }), refused(files.key, 'private key'))
  return { key, cert, x509 }
}

function parse<T> (make: () => T, explain: (error: unknown) => Error): T {
  try {
    return make()
  } catch (error) {
    throw explain(error)
  }
}
