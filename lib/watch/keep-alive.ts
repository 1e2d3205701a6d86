// Whether the process may be kept alive. Nothing keeps it before the app listens: a test that only injects requests ends by itself.

export class KeepAlive {
  #isAllowed: boolean
  #decide = (): void => {}
  #waiting: (() => void)[] = []
  /** Settles when it is allowed, or surely not soon. */
  readonly decided = new Promise<void>(resolve => { this.#decide = resolve })

  constructor (isAllowed = false) {
    this.#isAllowed = isAllowed
    if (isAllowed) this.#decide()
  }

  get isAllowed (): boolean { return this.#isAllowed }

  allow (): void {
    this.#isAllowed = true
    this.#decide()
    for (const run of this.#waiting.splice(0)) run()
  }

  /** Nobody waits any longer for what may never come. */
  stopWaiting (): void {
    this.#decide()
  }

  /** Calls `run` when it becomes allowed. */
  onceAllowed (run: () => void): void {
    this.#waiting.push(run)
  }
}
