// A queue that is read with `for await`: values in the order in which they were added.
export class Outcomes<T> implements AsyncIterable<T> {
  readonly #values: T[] = []
  #wake = (): void => {}
  #end: { readonly error?: unknown } | undefined

  add (value: T): void {
    this.#values.push(value)
    this.#wake()
  }

  end (): void {
    this.#end ??= {}
    this.#wake()
  }

  fail (error: unknown): void {
    this.#end ??= { error }
    this.#wake()
  }

  async * [Symbol.asyncIterator] (): AsyncGenerator<T> {
    for (;;) {
      const value = this.#values.shift()
      if (value !== undefined) yield value
      else if (this.#end === undefined) await new Promise<void>(resolve => { this.#wake = resolve })
      else if ('error' in this.#end) throw this.#end.error
      else return
    }
  }
}
