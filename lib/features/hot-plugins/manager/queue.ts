// One thing after the other: a reload never meets another.

export class Queue {
  #last: Promise<unknown> = Promise.resolve()

  add<T> (job: () => Promise<T>): Promise<T> {
    const result = this.#last.then(job)
    this.#last = result.catch(() => {})
    return result
  }

  /** Settles when everything that was added so far is done. */
  async idle (): Promise<void> {
    await this.#last
  }
}
