// `listen()`: an app on the first port that is free, and its addresses in the log.
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Server } from 'node:tls'
import type { FastifyBaseLogger, FastifyInstance, RawServerBase } from 'fastify'
import type { LiveReload } from '../../../types/live-reload.js'
import { errors } from '../../errors.js'
import { clock } from '../../shared/clock.js'
import { logOf } from '../../shared/feature.js'
import { urlsOf } from './addresses.js'
import { loadOpener, openOnce, supervisorOf } from './browser.js'
import { cacheDir } from './cache-dir.js'
import { findCertificate } from './certificate/certificate.js'
import { certificateOf, exchange, tlsServers } from './certificate/exchange.js'
import { CertificateKeeper } from './certificate/keeper.js'
import { nameHolder } from './holder.js'
import { parseListen, type ListenOptions } from './options.js'
import { loadQr, type DrawQr } from './qr.js'
import { takePort, type TakenPort } from './ports.js'

/** What `listen()` needs of a Fastify app, whatever its server and its types are. */
export interface ListeningApp {
  readonly server: RawServerBase
  readonly log: FastifyBaseLogger
  ready (): PromiseLike<unknown>
  listen (address: { port: number, host: string }): Promise<string>
}

/** Where an app listens. */
export interface Listening {
  /** The URL to open, without a slash at the end: `http://localhost:3141`. */
  readonly address: string
  /** The port it took. */
  readonly port: number
  /** The URLs for other machines; none when only this one is served. */
  readonly network: readonly string[]
  /** The ports before it that others have. */
  readonly taken: readonly TakenPort[]
}

/**
 * Listens on the first of `ports` that is free, and says in the log where.
 * @throws FST_LIVE_RELOAD_INVALID_OPTION, FST_LIVE_RELOAD_UNKNOWN_OPTION, FST_LIVE_RELOAD_PORT_TAKEN, FST_LIVE_RELOAD_PORT_FORBIDDEN, FST_LIVE_RELOAD_NO_PACKAGE
 */
export async function listen (app: ListeningApp, options?: ListenOptions): Promise<Listening> {
  const settings = parseListen(options)
  const [tls] = tlsServers(app)
  if (settings.https && tls === undefined) throw new errors.FST_LIVE_RELOAD_INVALID_OPTION('listen.https', 'of an app that was made with Fastify({ https: await devCertificate() })', '\'auto\' for one without TLS')
  // What fails in the app itself is not taken for a port that is in use.
  await app.ready()
  const live = Reflect.get(app, 'liveReload') as LiveReload | undefined
  const isOn = live?.enabled ?? process.env.NODE_ENV !== 'production'
  const open = isOn && settings.open !== undefined ? await loadOpener() : undefined
  const drawQr = isOn && settings.qr ? await loadQr() : undefined
  const taken = await takePort(settings, address => app.listen(address))
  const { port } = app.server.address() as AddressInfo
  const { local, network } = urlsOf(tls === undefined ? 'http' : 'https', settings.host, port)
  const log = logOf(app as unknown as FastifyInstance)
  // Without a logger of the app, warnings are still seen: people would open the port they know.
  if (taken.length > 0) log.warn(`live reload: ${tellTaken(taken)}, so the app listens on ${port}: ${local}/`)
  log.info(`live reload: the app is at ${local}/${network.length === 0 ? '' : `, for other machines at ${network.map(url => `${url}/`).join(' and ')}`}`)
  if (tls !== undefined) keepCertificate(app, tls, log)
  if (drawQr !== undefined) showQr(drawQr, network[0], log)
  if (open !== undefined) {
    openOnce({ url: local + settings.open, mark: join(cacheDir(), `opened-${port}`), supervisor: supervisorOf(process), live, open, isListening: () => app.server.listening, log, clock })
  }
  return { address: local, port, network, taken }
}

/** Not through the log, whose lines may be JSON. */
function showQr (draw: DrawQr, url: string | undefined, log: FastifyBaseLogger): void {
  if (url === undefined) log.warn('live reload: no QR code, because no other machine can reach the app. `listen.host` has to be \'0.0.0.0\', and this machine in a network')
  else process.stdout.write(draw(`${url}/`))
}

/** For as long as the app listens. One that did not come from `devCertificate()` is not known here, and left alone. */
function keepCertificate (app: ListeningApp, tls: Server, log: FastifyBaseLogger): void {
  const cert = certificateOf(tls)
  const known = findCertificate(cert)
  if (known === undefined) return
  if (known.note !== '') log.warn(`live reload: ${known.note}`)
  const keeper = new CertificateKeeper({ known, cert: cert as string, use: pair => exchange(tlsServers(app), pair), log, clock })
  tls.once('close', () => keeper.close())
}

function tellTaken (taken: readonly TakenPort[]): string {
  return taken.map(({ port, by }) => `port ${port} is taken${by === undefined ? '' : ` by ${nameHolder(by)}`}`).join(', ')
}
