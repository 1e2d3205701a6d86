// The builds that are broken now, as sent to pages.
import type { BuildMessage } from '../../../types/message.js'
import type { Failure } from './text.js'

export class Failures {
  readonly #failed = new Map<string, Failure>()
  #streak = 0

  /** A build that failed stays failed while its next run goes on. */
  add ({ state, name, diagnostics = [] }: Pick<BuildMessage, 'state' | 'name' | 'diagnostics'>): void {
    if (state === 'failed') this.#failed.set(name, { name, diagnostics })
    if (state === 'ok' && this.#failed.delete(name) && this.#failed.size === 0) this.#streak++
  }

  list (): Failure[] {
    return [...this.#failed.values()]
  }

  /** How often everything has become good again. */
  get streak (): number {
    return this.#streak
  }
}
