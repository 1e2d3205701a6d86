// Queue of changes: shown one at a time, once per burst, and not before the page is visible.
import type { ChangeMessage, ClientSettings } from '../../../types/message.js'
import { backoff } from '../connection/backoff.js'
import { isHidden } from '../page/document.js'

/** Messages that keep coming delay the page no longer than this. */
const MAX_DELAY_MS = 500

export interface ReloadRequest {
  /** The messages of the burst in their order; at least one. */
  readonly messages: readonly ChangeMessage[]
  /** When the first message came, or when the page was shown after it. */
  receivedAt: number
  /** How often this request was tried before. */
  readonly tries: number
  /** The developer wants the reload whatever is lost. */
  readonly isForced?: true
}

/** Returns a request to try again after a pause. `isWanted()` is false once the queue was cleared. */
export type Apply = (request: ReloadRequest, isWanted: () => boolean) => Promise<ReloadRequest | void>

export class UpdateQueue {
  readonly #settings: () => Partial<ClientSettings>
  readonly #apply: Apply
  #next: ReloadRequest | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #running: object | undefined

  constructor (settings: () => Partial<ClientSettings>, apply: Apply) {
    this.#settings = settings
    this.#apply = apply
  }

  enqueue (message: ChangeMessage): void {
    const { messages = [], receivedAt = Date.now(), tries = 0 } = { ...this.#next }
    const { debounce = 0 } = this.#settings()
    this.schedule({ messages: [...messages, message], receivedAt, tries }, Math.min(debounce, receivedAt + Math.max(debounce, MAX_DELAY_MS) - Date.now()))
  }

  /** Replaces what waits by this request. What the developer wanted stays wanted. */
  schedule (request: ReloadRequest, delay = 0): void {
    this.#next = { ...this.#next, ...request }
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#run()
    }, delay)
  }

  onShown (): void {
    if (this.#next && !this.#timer) this.#next.receivedAt = Date.now()
    this.#run()
  }

  /** Forgets what waits, as the next connection catches up. It knows of no click. What is running goes on. */
  drop (): void {
    this.#next = this.#next?.isForced && this.#next
  }

  /** Forgets what waits and cancels what is running. */
  clear (): void {
    this.#next = this.#running = undefined
  }

  async #run (): Promise<void> {
    const request = this.#next
    if (!request || this.#timer || this.#running || (isHidden() && this.#settings().hidden !== 'reload')) return
    const run = this.#running = {}
    this.#next = undefined
    const again = await this.#apply(request, () => this.#running === run)
    if (this.#running !== run) return
    this.#running = undefined
    if (!again) return this.#run()
    const { messages = [] } = { ...this.#next as ReloadRequest | undefined }
    this.schedule(again, backoff(again.tries - 1))
    // What came meanwhile is tried without a pause: the server may be ready now.
    for (const message of messages) this.enqueue(message)
  }
}
