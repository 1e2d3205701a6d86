// The core: joins watch, builds, broadcast, injection, static files and the client into `app.liveReload`. It decides nothing and knows no feature.
import { randomBytes } from 'node:crypto'
import { tracingChannel } from 'node:diagnostics_channel'
import type { FastifyBaseLogger, FastifyInstance, FastifyRequest } from 'fastify'
import type { RouteAccess } from '../../types/live-reload.js'
import type { HelloMessage, PageMessage, ServerMessage, Stamp } from '../../types/message.js'
import type { Transformer } from '../../types/options.js'
import type { Transport } from '../../types/transport.js'
import { serveBeacons } from '../broadcast/beacon.js'
import { createGate, type Gate } from '../broadcast/gate.js'
import { guard, guardChanges, isOwn, toGateRequest } from '../broadcast/guard.js'
import { Hub } from '../broadcast/hub.js'
import { createRateLimit } from '../broadcast/rate-limit.js'
import { serveSse } from '../broadcast/sse.js'
import { serveSocket } from '../broadcast/websocket.js'
import { createChangeClassifier } from '../classify/classify.js'
import { createDocuments, type Documents } from '../classify/documents.js'
import { clientHash, serveClient } from './client.js'
import { joinCluster, type Member } from './cluster/member.js'
import type { OwnPipeline } from './cluster/shared-pipeline.js'
import { addInjection } from '../inject/hook.js'
import { renameSheets } from '../inject/html/sheets.js'
import { createTag, type CreateTag } from '../inject/tag.js'
import { Events } from './events.js'
import { Fallbacks } from './fallbacks.js'
import { decorateLive } from './live-reload.js'
import { mayBeRendered, PageFiles } from './page-files.js'
import { Reports } from './reports.js'
import { Requests } from './requests.js'
import { readStatus, serveHealth } from './status.js'
import { markRestart } from '../shared/command-line/supervised.js'
import type { Settings } from '../options/settings.js'
import { createPipeline, createSharedPipeline, type PipelineParts } from '../pipeline.js'
import { KeepAlive } from '../watch/keep-alive.js'
import { logOf } from '../shared/feature.js'
import { sanitizeMessage, sanitizeStatus } from '../shared/messages/sanitize.js'
import { contentOf } from '../static/read-page.js'
import { serveRoots } from '../static/roots.js'

/** An app that is ready listens within this time, or not soon. */
const LISTEN_DELAY_MS = 100
const TRACE = tracingChannel('fastify-live-reload.send')

class Core {
  readonly #app: FastifyInstance
  readonly #settings: Settings
  readonly #log: FastifyBaseLogger
  readonly #epoch: string
  readonly #token: string
  readonly #member: Member | undefined
  readonly #transformers: Transformer[]
  readonly #events: Events
  readonly #fallbacks: Fallbacks
  readonly #gate: Gate
  readonly #limitRate: (scope: FastifyInstance) => void
  readonly #hub: Hub
  readonly #keepAlive = new KeepAlive()
  readonly #reports = new Reports(message => this.#send(message))
  readonly #documents: Documents
  readonly #pages: PageFiles
  readonly #pipeline: OwnPipeline
  readonly #tag: CreateTag
  #socket: ReturnType<typeof serveSocket> | undefined
  /** The newest change of files that the app reads itself. */
  #changedSeq = 0

  constructor (app: FastifyInstance, settings: Settings, member?: Member) {
    this.#app = app
    this.#member = member
    this.#epoch = member?.epoch ?? randomBytes(9).toString('base64url')
    this.#token = member?.token ?? randomBytes(18).toString('base64url')
    this.#settings = settings
    this.#log = logOf(app)
    this.#transformers = [...settings.transform]
    this.#events = new Events(this.#log)
    this.#fallbacks = new Fallbacks(this.#log)
    this.#gate = createGate({ ...settings.security, token: this.#token })
    this.#limitRate = createRateLimit(settings.security.rateLimit, this.#log)
    this.#hub = this.#createHub()
    // Without updates of style sheets nobody asks what pages were made from.
    this.#documents = createDocuments(renameSheets, settings.update.css ? undefined : 0)
    // In a cluster the process that watches does not know what pages of the others were made from.
    this.#pages = new PageFiles(app, settings.cwd, member === undefined && settings.update.scope === 'affected' ? undefined : 0)
    const requests = new Requests(app, `${this.#path}/`)
    const parts: PipelineParts = {
      keepAlive: this.#keepAlive,
      // What other processes of the app have sent is not known.
      usedSince: at => member !== undefined || requests.usedSince(at),
      viewed: () => this.#hub.clients().reverse().flatMap(({ path }) => path ?? []),
      send: message => this.#send(message),
      classify: createChangeClassifier(settings, app.prefix, this.#documents, this.#pages),
      emit: (event, data) => this.#events.emit(event, data),
      deferEvents: work => this.#events.defer(work),
      log: this.#log
    }
    this.#pipeline = member === undefined ? createPipeline(settings, parts) : createSharedPipeline(settings, parts, { member, onDeliver: message => this.#deliver(message) })
    const script = settings.connect.console.length > 0 || settings.connect.serverLog !== false ? 'console' : 'client'
    this.#tag = createTag({ url: `${this.#path}/${script}.js?v=${clientHash()}`, token: this.#token, connect: settings.connect, socketReachable: () => this.#socket?.reachable() ?? true })
  }

  get #path (): string { return this.#app.prefix + this.#settings.path }
  get #stamp (): Stamp { return `${this.#epoch}:${this.#pipeline.seq}` }

  decorate (): void {
    this.#app.decorateRequest('isLiveReload', { getter () { return isOwn(this) } })
    decorateLive({
      app: this.#app,
      settings: this.#settings,
      events: this.#events,
      pipeline: this.#pipeline,
      path: this.#path,
      epoch: this.#epoch,
      token: this.#token,
      send: message => this.#send(message),
      connections: () => this.#hub.clients(),
      status: () => this.#status(),
      addTransformer: transformer => this.#addTransformer(transformer),
      addRoutes: (plugin, access) => this.#addRoutes(plugin, access),
      report: (name, diagnostics) => this.#reports.report(name, diagnostics),
      allows: request => this.#isHostAllowed(request),
      tag: (request, form) => request === undefined || this.#isHostAllowed(request) ? this.#tag(this.#stamp, form) : ''
    })
  }

  /** Serves files, then registers the features: their hooks see a reply before the injection does. */
  async serve (registerFeatures: () => Promise<void>): Promise<void> {
    await serveRoots(this.#app, this.#settings, {
      hostGate: request => this.#gate.host(toGateRequest(request)),
      waitForFirstBuilds: this.#pipeline.waitForFirstBuilds,
      served: (path, ...more) => {
        this.#documents.served(path, ...more)
        this.#pipeline.fileSent(path)
      },
      stampsPages: () => this.#settings.inject !== false || this.#transformers.length > 0
    })
    await registerFeatures()
    addInjection(this.#app, {
      settings: { ...this.#settings, transform: this.#transformers },
      base: `${this.#path}/`,
      stamp: () => this.#stamp,
      changedSeq: () => this.#changedSeq,
      tag: this.#tag,
      contentOf,
      isHostAllowed: request => this.#isHostAllowed(request),
      pageName: reply => this.#pages.nameOf(reply),
      log: this.#log
    })
    this.#addRoutes(scope => this.#serveOwnRoutes(scope), 'page')
    this.#app.addHook('preClose', () => this.close())
    this.#app.server.once('listening', () => this.#keepAlive.allow())
    // The app does not wait for the first builds: it may have more to serve than their outputs.
    this.#app.addHook('onReady', async () => {
      setTimeout(() => this.#keepAlive.stopWaiting(), LISTEN_DELAY_MS)
      this.#pipeline.start().catch(error => this.#events.emit('error', { error }))
    })
  }

  async close (): Promise<void> {
    this.#keepAlive.stopWaiting()
    await Promise.all([this.#hub.close(), this.#pipeline.close()])
  }

  #createHub (): Hub {
    return new Hub({
      maxConnections: this.#settings.security.maxConnections,
      sharesEpoch: this.#member !== undefined,
      hello: () => this.#hello(),
      failedBuilds: () => this.#failedBuilds().slice(1).map(([name, build]) => sanitizeMessage({ ...build, type: 'build', state: 'failed', name }, this.#settings.cwd)),
      onMessage: (message, transport) => this.#receive(message, transport),
      onConnect: ({ transport }, clients) => this.#events.emit('connect', { transport, clients }),
      onDisconnect: ({ transport }, clients) => this.#events.emit('disconnect', { transport, clients }),
      log: this.#log
    })
  }

  #serveOwnRoutes (scope: FastifyInstance): void {
    serveClient(scope)
    this.#socket = serveSocket(scope, this.#hub)
    serveSse(scope, { hub: this.#hub, epoch: this.#epoch })
    serveBeacons(scope, this.#hub, this.#gate, this.#log)
    serveHealth(scope, () => sanitizeStatus(this.#status(), this.#settings.cwd))
  }

  #addRoutes (plugin: (scope: FastifyInstance) => void | Promise<void>, access: NonNullable<RouteAccess['access']>): void {
    this.#app.register(async scope => {
      guard(scope, this.#gate, this.#log)
      this.#limitRate(scope)
      if (access === 'token') guardChanges(scope, this.#gate, this.#log)
      await plugin(scope)
    }, { prefix: this.#settings.path, logLevel: 'warn' })
  }

  #addTransformer (transformer: Transformer): () => void {
    this.#transformers.push(transformer)
    // The scope that owns this undo calls it once.
    return () => { this.#transformers.splice(this.#transformers.indexOf(transformer), 1) }
  }

  #send (message: ServerMessage): void {
    const sent = markRestart(sanitizeMessage(message, this.#settings.cwd))
    if (this.#member === undefined) this.#deliver(sent)
    else this.#member.send(sent)
  }

  #deliver (sent: ServerMessage): void {
    if (sent.type === 'reload' && sent.paths?.some(mayBeRendered) && sent.files === undefined) this.#changedSeq = sent.seq
    if (TRACE.hasSubscribers) TRACE.traceSync(() => this.#hub.send(sent), { message: sent, clients: this.#hub.size })
    else this.#hub.send(sent)
    this.#events.emit('send', { message: sent, clients: this.#hub.size })
  }

  #receive (message: PageMessage, transport: Transport): void {
    if (message.type === 'fallback') this.#fallbacks.add(message)
    this.#events.emitPageMessage(message, transport)
  }

  #hello (): HelloMessage {
    const build = this.#failedBuilds()[0]?.[1] ?? Object.values(this.#builds())[0] ?? { state: 'idle' }
    return sanitizeMessage({ type: 'hello', epoch: this.#epoch, seq: this.#pipeline.seq, build, client: this.#settings.client }, this.#settings.cwd)
  }

  #failedBuilds () {
    return Object.entries(this.#builds()).filter(([, { state }]) => state === 'failed')
  }

  #builds () {
    return { ...this.#pipeline.builds(), ...this.#reports.status() }
  }

  #status () {
    return readStatus({ epoch: this.#epoch, pipeline: this.#pipeline, builds: this.#builds(), transports: this.#hub.counts(), fallbacks: () => this.#fallbacks.counts() })
  }

  #isHostAllowed (request: FastifyRequest): boolean {
    return this.#gate.host(toGateRequest(request)).ok
  }
}

/** Decorates the app and serves everything. `registerFeatures` runs when `app.liveReload` exists. */
export async function startCore (app: FastifyInstance, settings: Settings, registerFeatures: () => Promise<void>): Promise<void> {
  const core = new Core(app, settings, await joinCluster(`${settings.cwd} ${app.prefix}${settings.path}`, logOf(app)))
  core.decorate()
  try {
    await core.serve(registerFeatures)
  } catch (error) {
    // The app may go on without us, or end: nothing of ours may keep the process alive.
    await core.close()
    throw error
  }
}
