// `devCertificate()`: a certificate that is valid now, made when there is none.
import { scheduler } from 'node:timers/promises'
import type { Load } from '../packages.js'
import { makePair } from './make.js'
import { parseCertificate, type CertificateFiles, type CertificateOptions, type CertificateSettings } from './options.js'
import { readPair, type Pair, type ReadPair } from './read.js'

/** For the option `https` of Fastify; more options of TLS may be spread beside it. */
export interface DevCertificate extends Pair {
  /** The private key, in PEM form. */
  readonly key: string
  /** The certificate, in PEM form. */
  readonly cert: string
  /** Where both are kept: for a proxy, or to trust the certificate. */
  readonly files: CertificateFiles
}

/** What `listen()` has to know of a certificate. */
export interface Known {
  readonly settings: CertificateSettings
  /** What people have to know of it. */
  readonly note: string
}

/** By certificate: the server of an app has that, and nothing else. */
const made = new Map<string, Known>()

const MAX_TRIES = 5
const OTHER_PROCESS_MS = 100
const RENEW_BEFORE_MS = 7 * 24 * 60 * 60 * 1000

/**
 * Makes a certificate for this machine, or reads one: `Fastify({ https: await devCertificate() })`. `listen()` then renews and exchanges it.
 * @throws FST_LIVE_RELOAD_CERTIFICATE for files of your own, FST_LIVE_RELOAD_NO_PACKAGE, FST_LIVE_RELOAD_INVALID_OPTION, FST_LIVE_RELOAD_UNKNOWN_OPTION
 */
export async function devCertificate (options?: CertificateOptions): Promise<DevCertificate> {
  const settings = parseCertificate(options)
  const { key, cert, note } = settings.isOwn ? { ...await readPair(settings.files, settings.hosts), note: '' } : await keepPair(settings)
  made.set(cert, { settings, note })
  return { key, cert, files: settings.files }
}

/** `undefined` for a certificate of another origin. */
export function findCertificate (cert: unknown): Known | undefined {
  return typeof cert === 'string' ? made.get(cert) : undefined
}

/** The kept one while it is of use, otherwise a new one. */
export async function keepPair (settings: CertificateSettings, load?: Load): Promise<Pair & { readonly note: string }> {
  let note = ''
  for (let tries = 1; ; tries++) {
    const pair = await readPair(settings.files, settings.hosts).catch((error: unknown) => {
      if (tries === MAX_TRIES) throw error
      return undefined
    })
    if (pair !== undefined && (tries > 1 || !isDue(pair))) return { key: pair.key, cert: pair.cert, note }
    // Another process that starts now may have written one of both files.
    if (tries > 1) await scheduler.wait(Math.random() * OTHER_PROCESS_MS)
    note = await makePair(settings, load).catch((error: Error) => {
      if (pair === undefined) throw error
      return `the certificate ${settings.files.cert} ends soon, and cannot be made anew: ${error.message}`
    })
  }
}

/** Whether a certificate ends soon: within a week, or the last third of its time. */
export function isDue ({ x509 }: Pick<ReadPair, 'x509'>, now = Date.now()): boolean {
  const [from, to] = [x509.validFrom, x509.validTo].map(date => Date.parse(date)) as [number, number]
  return to - now < Math.min(RENEW_BEFORE_MS, (to - from) / 3)
}
