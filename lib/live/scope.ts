// Ties what was added through one Fastify instance to the end of that instance.
import type { FastifyInstance } from 'fastify'
import type { Undo } from '../../types/live-reload.js'

export class Scope {
  readonly #instance: FastifyInstance
  #undos: Set<Undo> | undefined

  constructor (instance: FastifyInstance) {
    this.#instance = instance
  }

  /** Returns an undo that works once. The end of the instance calls it, too. */
  own (undo: Undo): Undo {
    const undos = this.#undos ??= this.#open()
    const once = (): void => {
      if (undos.delete(once)) undo()
    }
    undos.add(once)
    return once
  }

  #open (): Set<Undo> {
    const undos = new Set<Undo>()
    try {
      this.#instance.addHook('onClose', async () => { for (const undo of undos) undo() })
    } catch {
      // The app has started and takes no more hooks. The core ends everything when the app closes.
    }
    return undos
  }
}
