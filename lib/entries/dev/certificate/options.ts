// The options of `devCertificate()`, checked.
import { createHash } from 'node:crypto'
import { isIP } from 'node:net'
import { join, resolve } from 'node:path'
import { errors, show } from '../../../errors.js'
import { check, fields, integer, known, pathOf } from '../../../options/check.js'
import { cacheDir } from '../cache-dir.js'

/** What `devCertificate()` makes, or reads. */
export interface CertificateOptions {
  /** Where it is kept. @default `node_modules/.cache/fastify-live-reload` of the project */
  dir?: string | URL
  /** Names and addresses that it is for. @default ['localhost', '127.0.0.1', '::1'], and for files of your own whatever they are for */
  hosts?: readonly string[]
  /** How long a self-signed one is valid. mkcert decides for itself. @default 90 */
  days?: number
  /** A private key of your own, in PEM form. Nothing is made then. */
  key?: string | URL
  /** The certificate that belongs to it, in PEM form; intermediate ones may follow. */
  cert?: string | URL
}

/** Paths of a private key and of its certificate. */
export interface CertificateFiles {
  readonly key: string
  readonly cert: string
}

export interface CertificateSettings {
  readonly files: CertificateFiles
  /** Files of the user: they are never written. */
  readonly isOwn: boolean
  readonly dir: string
  readonly hosts: readonly string[]
  readonly days: number
}

const HOSTS = ['localhost', '127.0.0.1', '::1']
const HASH_LENGTH = 8
/** Browsers take no longer ones. */
const MAX_DAYS = 825

/** @throws FST_LIVE_RELOAD_INVALID_OPTION, FST_LIVE_RELOAD_UNKNOWN_OPTION */
export function parseCertificate (raw: unknown): CertificateSettings {
  const given = fields('devCertificate(options)', raw)
  known('devCertificate.', given, ['dir', 'hosts', 'days', 'key', 'cert'])
  const isOwn = given.key !== undefined || given.cert !== undefined
  const hosts = given.hosts === undefined ? isOwn ? [] : HOSTS : parseHosts(given.hosts)
  const path = (name: 'key' | 'cert'): string => resolve(pathOf(`devCertificate.${name}`, given[name]))
  const dir = given.dir === undefined ? cacheDir() : resolve(pathOf('devCertificate.dir', given.dir))
  const name = nameOf(hosts)
  return {
    files: isOwn ? { key: path('key'), cert: path('cert') } : { key: join(dir, `${name}.key.pem`), cert: join(dir, `${name}.pem`) },
    isOwn,
    dir,
    hosts,
    days: integer('devCertificate.days', given.days, 90, 1, MAX_DAYS)
  }
}

function parseHosts (value: unknown): readonly string[] {
  const expected = 'a list of names and addresses, such as [\'localhost\', \'127.0.0.1\']'
  if (!Array.isArray(value) || value.length === 0) throw new errors.FST_LIVE_RELOAD_INVALID_OPTION('devCertificate.hosts', expected, show(value))
  return value.map((host, index) => check(`devCertificate.hosts[${index}]`, host, 'a name or an address; two labels or more stand behind "*.", IPv4 stands alone, and no zone behind an address', isHost))
}

/** Others would be in the certificate, and no client would find itself meant. */
function isHost (value: unknown): value is string {
  if (typeof value !== 'string') return false
  if (isIP(value) === 6) return !/[%.]/.test(value) && !new URL(`http://[${value}]`).hostname.startsWith('[::ffff:')
  // One that begins with a dash would be an option of mkcert.
  return /^(?:\*\.\w[\w-]*\.)?\w[\w.-]*$/.test(value)
}

/** Apps of one project that ask for other names do not overwrite each other's. */
function nameOf (hosts: readonly string[]): string {
  const first = (hosts[0] ?? '').replace(/[^\w.-]/g, '_')
  const [all, usual] = [hosts, HOSTS].map(list => [...new Set(list)].sort().join(' ')) as [string, string]
  return all === usual ? first : `${first}-${createHash('sha256').update(all).digest('hex').slice(0, HASH_LENGTH)}`
}
