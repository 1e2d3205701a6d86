// Shows connection and builds to the developer: in the badge, and failed builds in the overlay.
import type { ClientState } from '../../../types/client.js'
import type { BuildMessage, BuildStatus, ClientSettings, HelloMessage } from '../../../types/message.js'
import { createIsland, make } from '../page/dom.js'
import { createLoader } from '../page/loader.js'
import type { Notice } from '../page/notice.js'
import { storage } from '../page/storage.js'
import type { Page } from '../page/tag.js'
import type * as overlay from '../overlay/overlay.js'
import { type Badge, type BadgeLine, createBadge } from './badge.js'

/** A build as `hello` or a `build` message describes it. */
interface Build extends Partial<Omit<BuildMessage, 'type' | 'state'>> {
  readonly state: BuildStatus['state'] | BuildMessage['state']
}

/** What is over sooner is not shown, to avoid flicker. */
const SHOW_DELAY_MS = 300
const GOOD_NEWS_MS = 2000
const TICK_MS = 500
/** A server that restarts is back by then. */
const LOOK_AFTER_MS = 5000

export class Display {
  readonly #page: Page
  readonly #load
  /** Failed and running builds by name. A failed build stays failed while it runs again. */
  readonly #failed = new Map<string, Build>()
  readonly #running = new Map<string, Build & { readonly since: number }>()
  #settings: ClientSettings | undefined
  #badge: Badge | undefined
  #overlay: overlay.Overlay | undefined
  #state: ClientState = 'connecting'
  #news = ''
  #notice: Notice | undefined
  /** The kind of line to show, and when to show it. */
  #kind: BadgeLine['kind'] = 'none'
  #showAt = 0
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor (page: Page) {
    this.#page = page
    this.#load = createLoader<typeof overlay>('failures', page.base)
  }

  /** `showFailures`: false when a listener of the page shows them itself. */
  greet ({ build, client }: HelloMessage, reloaded: boolean, showFailures: boolean): void {
    this.#settings = client
    this.#notice = undefined
    try {
      if (client.badge) this.#badge ??= createBadge(client.badge.position)
    } catch {
      // An SVG document has no place for the badge, and some pages break the functions that it needs.
    }
    this.#failed.clear()
    this.#running.clear()
    this.#record(build)
    this.#news = reloaded ? 'Updated' : 'Connected'
    this.#refreshAll(showFailures)
  }

  build (message: BuildMessage, showFailures: boolean): void {
    this.#record(message)
    if (message.state === 'ok') this.#news = `Built in ${message.ms} ms`
    // A build that has just begun says nothing new about failures.
    if (this.#running.has(message.name)) this.#refresh()
    else this.#refreshAll(showFailures)
  }

  state (state: ClientState): void {
    this.#state = state
    this.#refresh()
  }

  notice (notice: Notice | undefined): void {
    this.#notice = notice
    this.#refresh()
  }

  #record (build: Build): void {
    const { state, name = 'build' } = build
    if (state === 'started' || state === 'progress') {
      this.#running.set(name, { ...build, since: this.#running.get(name)?.since ?? Date.now() })
      return
    }
    this.#running.delete(name)
    this.#failed.delete(name)
    if (state === 'failed') this.#failed.set(name, build)
  }

  #line (): BadgeLine {
    const [name, build] = [...this.#running].at(-1) ?? []
    if (this.#state === 'paused') return { kind: 'note', text: 'Paused' }
    if (this.#state === 'connecting') return { kind: 'waiting', text: this.#kind === 'waiting' && Date.now() - this.#showAt > LOOK_AFTER_MS ? 'No answer: look at the terminal' : 'Reconnecting…' }
    if (build) {
      const { since, done = 0, total } = build
      const seconds = Math.floor((Date.now() - since) / 1000)
      return { kind: 'building', text: `Building ${name}${total ? ` · ${done} of ${total}` : ''}${seconds ? ` · ${seconds} s` : ''}` }
    }
    if (this.#notice) return { kind: 'note', ...this.#notice }
    let errors = 0
    for (const { diagnostics = [] } of this.#failed.values()) errors += diagnostics.filter(one => one.severity === 'error').length || 1
    if (errors) return { kind: 'failed', text: `${errors} error${errors > 1 ? 's' : ''}`, ...this.#settings?.overlay && { hint: 'Show what failed', onClick: () => this.#openOverlay(true) } }
    return { kind: this.#news ? 'live' : 'none', text: this.#news }
  }

  #refresh (): void {
    if (!this.#badge) return
    const line = this.#line()
    const { kind } = line
    const isWorking = kind === 'building' || kind === 'waiting'
    if (kind !== this.#kind) this.#showAt = Date.now() + (isWorking ? SHOW_DELAY_MS : 0)
    this.#kind = kind
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#badge?.show(line)
      this.#news = ''
      if (kind === 'live') this.#timer = setTimeout(() => this.#refresh(), GOOD_NEWS_MS)
      if (isWorking) this.#timer = setTimeout(() => this.#refresh(), TICK_MS)
    }, this.#showAt - Date.now())
  }

  #refreshAll (showFailures: boolean): void {
    this.#refresh()
    const hasFailed = this.#failed.size > 0
    if (!hasFailed || !showFailures) this.#overlay?.hide(!hasFailed)
    else if (this.#settings?.overlay) this.#openOverlay()
  }

  /** `requested`: by a click, so failures that were closed before are shown again. */
  async #openOverlay (requested?: boolean): Promise<void> {
    try {
      const { Overlay } = await this.#load()
      this.#overlay ??= new Overlay(this.#page, make, createIsland, storage)
      // The builds may have succeeded while the module was loaded.
      if (this.#failed.size) await this.#overlay.show(requested)
    } catch {
      console.error('[live-reload] failed:', JSON.stringify([...this.#failed.values()]))
    }
  }
}
