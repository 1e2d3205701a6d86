// The options of `devCertificate()`, checked.
import { isIP } from 'node:net'
import { join, resolve } from 'node:path'
import { errors, show } from '../../../errors.js'
import { check, fields, integer, known, matching, pathOf } from '../../../options/check.js'
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
  const name = (hosts[0] ?? '').replace(/[^\w.-]/g, '_')
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
  // One that begins with a dash would be an option of mkcert.
  const isHost = (v: unknown): v is string => typeof v === 'string' && (isIP(v) !== 0 || matching(/^(?:\*\.)?\w[\w.-]*$/)(v))
  return value.map((host, index) => check(`devCertificate.hosts[${index}]`, host, 'a name or an address', isHost))
}
