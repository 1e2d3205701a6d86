// The client of one page: connects, answers each message, and carries its state over reloads.
import type { ClientEvents, ClientMetrics, ClientState } from '../../types/client.js'
import type { BuildMessage, ChangeMessage, ClientSettings, ClosingMessage, HelloMessage, ReconnectMessage, ServerMessage } from '../../types/message.js'
import { Display } from './badge/display.js'
import { backoff } from './connection/backoff.js'
import { watchLifecycle } from './connection/lifecycle.js'
import { SharedConnection } from './connection/shared-connection.js'
import { createEvents } from './page/events.js'
import type { MorphModule } from './morph/morph.js'
import { createLoader, type Load, type LoadLazy } from './page/loader.js'
import { pageAddress } from './page/navigation.js'
import type { Notice } from './page/notice.js'
import type { Page } from './page/tag.js'
import type { InitialValues } from './preserve/preserve.js'
import { type Handover, hasState, saveHandover, takeHandover } from './reload/memory.js'
import { type Apply, type ReloadRequest, UpdateQueue } from './reload/update-queue.js'

const HEALTH_TIMEOUT_MS = 5000
/** The browser refused a reload that did not end the page in this time (`beforeunload`, a download). */
const RELOAD_TIMEOUT_MS = 10_000
/** Paths that the console names as the reason of a reload. */
const MAX_PATHS = 3

export class Session {
  readonly page: Page
  readonly events = createEvents()
  readonly metrics: ClientMetrics
  readonly connection: SharedConnection
  readonly loadMorph: Load<MorphModule>
  /** Epoch of the process that answers now. */
  running: string
  settings: Partial<ClientSettings> = {}
  state: ClientState = 'closed'
  /** Elements that the user typed into. */
  readonly typed = new Set<EventTarget>()
  /** Values of the fields after the page had loaded. */
  initialValues: InitialValues = []
  /** A reload was tried, and the page is still here. */
  reloadPending = false
  readonly #queue: UpdateQueue
  readonly #load: LoadLazy
  readonly #display: Display
  readonly #handover: Handover | undefined
  /** The reload that brought this page has to be acknowledged. */
  #unacknowledged: boolean
  #apply: Apply | undefined
  #noticeText: string | undefined

  constructor (page: Page) {
    const handover = this.#handover = takeHandover()
    this.#unacknowledged = !!handover
    this.page = page
    this.running = page.epoch
    this.metrics = handover?.metrics ?? { attempts: 0, successes: 0, failures: 0, fallbacks: 0, messages: 0, reloads: 0, updates: 0, lastLatency: 0 }
    this.#load = createLoader('more', page.base)
    this.loadMorph = createLoader('morph', page.base)
    this.#display = new Display(page, this.#load)
    this.#queue = new UpdateQueue(() => this.settings, (request, isWanted) => this.#applyRequest(request, isWanted))
    this.connection = new SharedConnection(`live-reload ${page.base}`, {
      page,
      metrics: this.metrics,
      mayRetry: () => !document.hidden || this.settings.hidden === 'reload',
      isServerUp: () => this.#isServerUp(),
      onMessage: message => this.#onMessage(message),
      onState: state => this.#setState(state),
      onFallback: fallback => this.#onFallback(fallback)
    })
    if (handover) console.info(`[live-reload] reload: ${handover.reason}`)
    if (hasState()) this.#load(handover && !handover.hasImportMap).then(({ restoreState }) => restoreState(this)).catch(() => {})
    this.#watchPage()
  }

  pause (): void {
    this.#sleep()
    this.#setState('paused')
  }

  resume (): void {
    if (this.state === 'paused') this.connection.start()
  }

  /** Adds a reload to the queue, for a change that turned out to need one. */
  requestReload (seq: number): void {
    this.#queue.enqueue({ type: 'reload', seq })
  }

  /** A cache brought the same page as before the reload, so another reload would bring it again. */
  isReloadLoop ({ messages, tries }: ReloadRequest): boolean {
    return tries === 0 && this.#handover?.from === this.#stamp() && this.#handover.to === `${this.running}:${messages.at(-1)?.seq}`
  }

  /** Counts a change as shown without doing anything. */
  skip (seq: number): void {
    this.page.epoch = this.running
    this.page.seq = seq
  }

  /** Says why the page is not reloaded, and offers the reload. */
  stay (request: ReloadRequest, why: string): void {
    this.#offerReload(`Not reloaded: the page ${why}`, 'Go there', request)
  }

  /** Tells the server that the page shows the change. */
  acknowledge (kind: 'reload' | 'update', receivedAt: number): void {
    const { metrics, page } = this
    metrics.lastLatency = Date.now() - receivedAt
    if (kind === 'update') metrics.updates++
    this.connection.send({ type: 'applied', seq: page.seq, kind, ms: metrics.lastLatency })
  }

  readonly showNotice = (notice: Notice | undefined): void => {
    if (notice && notice.text !== this.#noticeText) console.info(`[live-reload] ${notice.text}`)
    this.#noticeText = notice?.text
    this.#display.notice(notice)
  }

  /** Whether the server answers the reload: an open connection or its health route proves it. Never leaves a page for a server that is down. */
  async isServerReady (): Promise<boolean> {
    return this.state === 'open' || await this.#fetchEpoch() === this.running
  }

  /** `stateSaved`: nothing that the user typed gets lost. */
  async reloadPage (request: ReloadRequest, stateSaved: boolean): Promise<void> {
    const { messages, receivedAt, tries, forced } = request
    if (this.page.posted && !forced) return this.stay(request, 'answers a form')
    const paths = messages.flatMap(message => message.type === 'reload' ? message.paths ?? [] : message.updates.map(({ path }) => path)).slice(0, MAX_PATHS)
    const saved = saveHandover({
      from: this.#stamp(),
      to: `${this.running}:${messages.at(-1)?.seq}`,
      receivedAt,
      tries,
      reason: paths.join(', ') || (this.running === this.page.epoch ? 'requested' : 'server restarted'),
      metrics: this.metrics,
      hasImportMap: !!Document.prototype.querySelector.call(document, 'script[type=importmap]')
    })
    if (!(saved && stateSaved) && !forced && [...this.typed].some(element => (element as Element).isConnected)) return this.#offerReload('Update ready', 'Reload', request)
    this.showNotice(undefined)
    if (this.page.posted) location.replace(pageAddress())
    else location.reload()
    // Messages wait meanwhile, so a slow page is not requested again and again.
    await new Promise(resolve => { setTimeout(resolve, RELOAD_TIMEOUT_MS) })
  }

  #stamp (): string {
    return `${this.page.epoch}:${this.page.seq}`
  }

  #setState (state: ClientState): void {
    if (state === this.state) return
    // The next connection catches up. A reload under way goes on, as a server that does not count changes cannot repeat it.
    if (this.state === 'open') this.#queue.drop()
    this.state = state
    if (state === 'open') console.info(`[live-reload] connected by ${this.connection.transport}`)
    this.events.emit('state', state)
    this.#display.state(state)
  }

  #onFallback (fallback: ClientEvents['fallback']): void {
    this.metrics.fallbacks++
    console.info(`[live-reload] fallback from ${fallback.from}: ${fallback.reason}`)
    this.connection.send({ type: 'fallback', ...fallback })
    this.events.emit('fallback', fallback)
  }

  #onMessage (message: ServerMessage): void {
    this.metrics.messages++
    this.events.emit('message', message)
    switch (message.type) {
      case 'hello':
        this.#onHello(message)
        break
      case 'reload':
      case 'update':
        this.#queue.enqueue(message)
        break
      case 'build':
        this.#display.build(message, this.events.emit('build', message))
        break
      case 'custom':
        this.events.emit(message.event, message.data)
        break
      default:
        // The connection handles these two. Unknown messages are ignored.
        message satisfies ClosingMessage | ReconnectMessage
    }
  }

  #onHello (hello: HelloMessage): void {
    const { page } = this
    const settings = this.settings = { ...hello.client }
    // To change a page in place, its HTML has to be known before it changes.
    if (settings.morph) this.#loadApplier().catch(() => {})
    this.#display.greet({ ...hello, client: settings }, this.#unacknowledged, hello.build.state === 'idle' || this.events.emit('build', { type: 'build', name: 'build', ...hello.build } as BuildMessage))
    if (this.#handover && this.#unacknowledged) {
      this.metrics.reloads++
      this.acknowledge('reload', this.#handover.receivedAt)
      this.#unacknowledged = false
    }
    this.running = hello.epoch
    const missed = hello.changes?.filter(change => change.seq > page.seq) ?? []
    if (hello.epoch === page.epoch && missed.length === hello.seq - page.seq) {
      for (const change of missed) this.#queue.enqueue(change)
      if (missed.length === 0) this.#retryGatewayError()
    } else {
      this.requestReload(hello.seq)
    }
  }

  /** 502, 503 and 504 say that something behind the app is down. It comes back without a change. */
  #retryGatewayError (): void {
    const { status } = this.page
    const { tries = 0 } = this.#handover ?? {}
    if (status < 502 || status > 504) return
    const message = { type: 'reload', paths: [`the page answered ${status}`] } as unknown as ChangeMessage
    this.#queue.schedule({ messages: [message], receivedAt: Date.now(), tries: tries + 1 }, backoff(tries))
  }

  async #fetchEpoch (): Promise<string | undefined> {
    try {
      const response = await fetch(new URL('health', this.page.base), { cache: 'no-store', signal: AbortSignal.timeout(HEALTH_TIMEOUT_MS) })
      return (await response.json()).epoch
    } catch {}
  }

  async #isServerUp (): Promise<boolean> {
    const { page } = this
    const epoch = await this.#fetchEpoch()
    if (epoch && epoch !== page.epoch) {
      this.running = epoch
      this.requestReload(0)
    }
    return epoch === page.epoch
  }

  async #loadApplier (early?: boolean): Promise<Apply> {
    const { createApplier } = await this.#load(early)
    this.#apply ??= createApplier(this)
    return this.#apply
  }

  async #applyRequest (request: ReloadRequest, isWanted: () => boolean): Promise<ReloadRequest | void> {
    const { page } = this
    const isCurrent = this.running === page.epoch
    const unseen = request.messages.filter(({ seq }) => !isCurrent || !(seq <= page.seq))
    const messages = unseen.map(message => message.type === 'reload' && message.urls?.includes(location.pathname) === false ? { type: 'update', seq: message.seq, updates: [] } as const : message)
    const seq = messages.at(-1)?.seq as number
    // Nothing to do, but to count the reloads of other pages.
    if (messages.every(message => message.type === 'update' && message.updates.length === 0)) {
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
    if (this.events.emit('reload', { type: 'reload', seq })) return this.reloadPage(due, false)
    this.skip(seq)
  }

  #offerReload (text: string, hint: string, request: ReloadRequest): void {
    this.showNotice({ text, hint, onClick: () => this.#queue.schedule({ ...request, tries: request.tries + 1, forced: true }) })
  }

  #sleep (): void {
    this.connection.stop()
    this.#queue.clear()
  }

  #watchPage (): void {
    addEventListener('input', event => {
      const [element] = event.composedPath()
      if (event.isTrusted && element) this.typed.add(element)
    }, true)
    // Values that scripts of the page set while it loads are initial values, not input of the user.
    addEventListener('load', () => setTimeout(() => {
      this.initialValues = Array.from(Document.prototype.querySelectorAll.call(document, 'input,textarea,select,[open]') as NodeListOf<HTMLInputElement>, element => [element, element.value, element.checked, element.type])
    }))
    watchLifecycle({
      onSleep: () => { if (this.state !== 'paused') this.#sleep() },
      onWake: suspicious => {
        if (this.state === 'paused') return
        this.#queue.onShown()
        if (suspicious || !document.hidden) this.connection.start(suspicious)
      }
    })
  }
}
