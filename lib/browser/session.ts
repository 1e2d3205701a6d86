// The client of one page: connects, answers each message, and carries its state over reloads.
import type { ClientEvents, ClientMetrics, ClientState } from '../../types/client.js'
import type { BuildMessage, ChangeMessage, ClientSettings, ClosingMessage, HelloMessage, ReconnectMessage, ServerMessage } from '../../types/message.js'
import { Display } from './badge/display.js'
import { backoff } from './connection/backoff.js'
import { fetchEpoch } from './connection/health.js'
import { watchLifecycle } from './connection/lifecycle.js'
import { SharedConnection } from './connection/shared-connection.js'
import type * as lazy from './lazy.js'
import type { MorphModule } from './morph/morph.js'
import type { PageClient } from './page/client.js'
import { isHidden } from './page/document.js'
import { createEvents } from './page/events.js'
import { createLoader, type Load } from './page/loader.js'
import { entry } from './page/navigation.js'
import type { Notice } from './page/notice.js'
import { storage } from './page/storage.js'
import type { Page } from './page/tag.js'
import { type InitialValue, isTypedInto } from './page/user-input.js'
import { type Handover, HANDOVER_KEY, type HandoverRest, stateKey } from './reload/memory.js'
import { type Apply, type ReloadRequest, UpdateQueue } from './reload/update-queue.js'

/** The browser refused a reload that did not end the page in this time (`beforeunload`, a download). */
const RELOAD_TIMEOUT_MS = 10_000
/** A reload costs the server more than a try to connect: it counts as so many. */
const GATEWAY_TRIES = 40

export class Session implements PageClient {
  readonly page: Page
  readonly events = createEvents()
  readonly metrics: ClientMetrics
  readonly connection: SharedConnection
  readonly loadMorph: Load<MorphModule>
  running: string
  settings: Partial<ClientSettings> = {}
  state: ClientState = 'closed'
  readonly typed = new Set<EventTarget>()
  readonly secrets = new Set<EventTarget>()
  readonly initialValues: InitialValue[] = []
  leaving: BeforeUnloadEvent | undefined
  readonly handover: Handover | undefined
  readonly storage = storage
  reloadPending = false
  readonly #queue: UpdateQueue
  readonly #load: Load<typeof lazy>
  readonly #display: Display
  /** The reload that brought this page has to be acknowledged. */
  #unacknowledged: boolean
  #apply: Apply | undefined
  #noticeText: string | undefined
  readonly #listen: () => void
  readonly #stepOf = ({ messages }: ReloadRequest) => `${this.page.epoch}:${this.page.seq} ${this.running}:${messages.at(-1)?.seq}`

  constructor (page: Page) {
    const handed = storage.take<Handover>(HANDOVER_KEY)
    // A page that was left otherwise may have had a reload refused before.
    const handover = this.handover = entry?.type === 'navigate' ? undefined : handed
    this.#unacknowledged = !!handover
    this.page = page
    this.running = page.epoch
    this.metrics = handover?.metrics ?? { attempts: 0, successes: 0, failures: 0, lost: 0, fallbacks: 0, messages: 0, reloads: 0, updates: 0, lastLatency: 0 }
    this.#load = createLoader('more', page.base)
    this.loadMorph = createLoader('morph', page.base)
    this.#display = new Display(page)
    this.#queue = new UpdateQueue(() => this.settings, (request, isWanted) => this.#applyRequest(request, isWanted))
    this.connection = new SharedConnection(`live-reload ${page.base}`, {
      page,
      metrics: this.metrics,
      mayRetry: () => !isHidden() || this.settings.hidden === 'reload',
      isServerUp: () => this.#isServerUp(),
      onMessage: message => this.#onMessage(message),
      onState: state => this.#setState(state),
      onFallback: fallback => this.#onFallback(fallback)
    })
    if (handover) console.info(`[live-reload] reload: ${handover.reason}${page.remark}`)
    if (storage.readText(stateKey())) this.#load(handover?.mayImport).then(({ restoreState }) => restoreState(this)).catch(() => {})
    this.#listen = watchLifecycle(this)
  }

  readonly onSleep = (): void => {
    if (this.state !== 'paused') this.#sleep()
  }

  readonly onWake = ({ type }: Event): void => {
    if (this.state === 'paused') return
    this.#queue.onShown()
    // A connection may be dead without knowing.
    const suspicious = type === 'online'
    if (suspicious || !isHidden()) this.connection.start(suspicious)
  }

  pause (): void {
    this.#sleep()
    this.#setState('paused')
  }

  readonly resume = (): void => this.connection.start()

  requestReload (seq: number): void {
    this.#queue.enqueue({ type: 'reload', seq })
  }

  isReloadLoop (request: ReloadRequest): boolean {
    return !request.tries && this.handover?.step === this.#stepOf(request)
  }

  skip (seq: number): void {
    this.page.epoch = this.running
    this.page.seq = seq
  }

  offerReload (text: string, request: ReloadRequest): void {
    this.showNotice({ text, hint: 'Reload', onClick: () => this.#queue.schedule({ ...request, tries: request.tries + 1, isForced: true }) })
  }

  acknowledge (kind: 'reload' | 'update', receivedAt: number): void {
    const { metrics } = this
    metrics.lastLatency = Date.now() - receivedAt
    metrics[`${kind}s`]++
    this.connection.send({ type: 'applied', seq: this.page.seq, kind, ms: metrics.lastLatency })
  }

  readonly showNotice = (notice: Notice | undefined): void => {
    if (notice && notice.text !== this.#noticeText) console.info(`[live-reload] ${notice.text}`)
    this.#noticeText = notice?.text
    this.#display.notice(notice)
  }

  async isServerReady (): Promise<boolean> {
    return this.state === 'open' || this.running === await fetchEpoch(this.page.base)
  }

  async reloadPage (request: ReloadRequest, rest: HandoverRest): Promise<void> {
    const { receivedAt, tries } = request
    storage.write(HANDOVER_KEY, { step: this.#stepOf(request), receivedAt, tries, metrics: this.metrics, ...rest } satisfies Handover)
    this.showNotice(undefined)
    location.reload()
    // Messages wait meanwhile, so a slow page is not requested again and again.
    await new Promise(resolve => { setTimeout(resolve, RELOAD_TIMEOUT_MS) })
  }

  #setState (state: ClientState): void {
    if (state === this.state) return
    // The next connection catches up. A reload under way goes on, as a server that does not count changes cannot repeat it.
    if (this.state === 'open') this.#queue.drop()
    this.state = state
    if (state === 'open') {
      console.info(`[live-reload] connected by ${this.connection.transport}`)
      if (this.metrics.lost) this.connection.send({ type: 'failed', attempts: this.metrics.lost })
      this.metrics.lost = 0
    }
    this.events.emit('state', state)
    this.#display.state(state)
  }

  #onFallback (fallback: ClientEvents['fallback']): void {
    this.metrics.fallbacks++
    console.info(`[live-reload] fallback from ${fallback.from}: ${fallback.reason}`)
    this.connection.send({ type: 'fallback', ...fallback })
    this.events.emit('fallback', fallback)
  }

  #onMessage (message: ServerMessage): unknown {
    this.#listen()
    this.metrics.messages++
    this.events.emit('message', message)
    switch (message.type) {
      case 'hello': return this.#onHello(message)
      case 'reload':
      case 'update': return this.#queue.enqueue(message)
      case 'build': return this.#display.build(message, this.events.emit('build', message))
      case 'custom': return this.events.emit(message.event, message.data)
      // The connection handles these two. Unknown messages are ignored.
      default: return message satisfies ClosingMessage | ReconnectMessage
    }
  }

  #onHello (hello: HelloMessage): void {
    const { page } = this
    const settings = this.settings = { ...hello.client }
    // Whoever has saved once saves again. And to change a page in place, its HTML has to be known before it changes.
    if (this.handover?.mayImport || settings.morph) this.#loadApplier().catch(() => {})
    this.#display.greet({ ...hello, client: settings }, this.#unacknowledged, hello.build.state === 'idle' || this.events.emit('build', { type: 'build', name: 'build', ...hello.build } as BuildMessage))
    if (this.#unacknowledged) {
      this.acknowledge('reload', (this.handover as Handover).receivedAt)
      this.#unacknowledged = false
    }
    this.running = hello.epoch
    const missed = hello.changes?.filter(change => change.seq > page.seq) ?? []
    if (hello.epoch === page.epoch && missed.length === hello.seq - page.seq) {
      for (const change of missed) this.#queue.enqueue(change)
      if (missed.length === 0 && page.status > 501) this.#retryGatewayError()
    } else {
      this.requestReload(hello.seq)
    }
  }

  /** 502, 503 and 504 say that something behind the app is down. It comes back without a change. */
  #retryGatewayError (): void {
    const { tries = 0 } = { ...this.handover }
    this.#queue.schedule({ messages: [{ type: 'reload', paths: [`the page answered ${this.page.status}`] } as unknown as ChangeMessage], receivedAt: Date.now(), tries: tries + 1 }, backoff(tries * GATEWAY_TRIES))
  }

  async #isServerUp (): Promise<boolean> {
    const epoch = await fetchEpoch(this.page.base)
    if (epoch === this.page.epoch) return true
    if (epoch) {
      this.running = epoch
      this.requestReload(0)
    }
    return false
  }

  async #loadApplier (early?: boolean): Promise<Apply> {
    const { createApplier } = await this.#load(early)
    this.#apply ??= createApplier(this)
    return this.#apply
  }

  async #applyRequest (request: ReloadRequest, isWanted: () => boolean): Promise<ReloadRequest | void> {
    const { page } = this
    const isCurrent = !request.isForced && this.running === page.epoch
    const unseen = request.messages.filter(({ seq }) => !isCurrent || !(seq <= page.seq))
    const messages = unseen.map(message => message.type === 'reload' && message.urls?.includes(location.pathname) === false ? { type: 'update', seq: message.seq, updates: [] } as const : message)
    const seq = messages.at(-1)?.seq as number
    // Nothing to do, but to count the reloads of other pages.
    if (messages.every(message => message.type === 'update' && !message.updates[0])) {
      if (seq && isCurrent && !this.reloadPending) page.seq = seq
      return
    }
    const due = { ...request, messages }
    try {
      // The reload discards the page, so importing our module before its import map does no harm.
      const apply = await this.#loadApplier(true)
      return await apply(due, isWanted)
    } catch {}
    // The page is sandboxed, or the server is down again and the next connection catches up.
    if (!isWanted() || this.state !== 'open' || this.isReloadLoop(due)) return
    // Or it is about to close, and will say so within the pause.
    if (!request.tries) return { ...request, tries: 1 }
    if (!this.events.emit('reload', { type: 'reload', seq })) return this.skip(seq)
    if (!request.isForced && (page.posted || isTypedInto(this))) return this.offerReload('Update ready', request)
    return this.reloadPage(due, { reason: 'unknown' })
  }

  #sleep (): void {
    this.connection.stop()
    this.#queue.clear()
  }
}
