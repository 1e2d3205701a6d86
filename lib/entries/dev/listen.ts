// `listen()`: an app on the first port that is free, and its addresses in the log.
import type { AddressInfo } from 'node:net'
import type { Server } from 'node:tls'
import type { FastifyBaseLogger, FastifyInstance, RawServerBase } from 'fastify'
import { errors } from '../../errors.js'
import { clock } from '../../shared/clock.js'
import { logOf } from '../../shared/feature.js'
import { urlsOf } from './addresses.js'
import { findCertificate } from './certificate/certificate.js'
import { certificateOf, exchange, tlsServers } from './certificate/exchange.js'
import { CertificateKeeper } from './certificate/keeper.js'
import { nameHolder } from './holder.js'
import { parseListen, type ListenOptions } from './options.js'
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
 * @throws FST_LIVE_RELOAD_INVALID_OPTION, FST_LIVE_RELOAD_UNKNOWN_OPTION, FST_LIVE_RELOAD_PORT_TAKEN, FST_LIVE_RELOAD_PORT_FORBIDDEN
 */
export async function listen (app: ListeningApp, options?: ListenOptions): Promise<Listening> {
  const settings = parseListen(options)
  const [tls] = tlsServers(app)
  if (settings.https && tls === undefined) throw new errors.FST_LIVE_RELOAD_INVALID_OPTION('listen.https', 'of an app that was made with Fastify({ https: await devCertificate() })', '\'auto\' for one without TLS')
  // What fails in the app itself is not taken for a port that is in use.
  await app.ready()
  const taken = await takePort(settings, address => app.listen(address))
  const { port } = app.server.address() as AddressInfo
  const { local, network } = urlsOf(tls === undefined ? 'http' : 'https', settings.host, port)
  const log = logOf(app as unknown as FastifyInstance)
  // Without a logger of the app, warnings are still seen: people would open the port they know.
  if (taken.length > 0) log.warn(`live reload: ${tellTaken(taken)}, so the app listens on ${port}: ${local}/`)
  log.info(`live reload: the app is at ${local}/${network.length === 0 ? '' : `, for other machines at ${network.map(url => `${url}/`).join(' and ')}`}`)
  if (tls !== undefined) keepCertificate(app, tls, log)
  return { address: local, port, network, taken }
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
