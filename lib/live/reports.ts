// Problems that plugins report. Tabs and the status page show them like those of a build.
import type { Diagnostic } from '../../types/build.js'
import type { BuildStatus, ServerMessage } from '../../types/message.js'
import type { Undo } from '../../types/live-reload.js'

export class Reports {
  readonly #send: (message: ServerMessage) => void
  readonly #problems = new Map<string, readonly Diagnostic[]>()

  constructor (send: (message: ServerMessage) => void) {
    this.#send = send
  }

  /** Replaces what was reported under this name. The undo takes back this report only, not a later one. */
  report (name: string, diagnostics: readonly Diagnostic[]): Undo {
    if (diagnostics.length === 0) {
      this.#clear(name)
      return () => {}
    }
    this.#problems.set(name, diagnostics)
    this.#send({ type: 'build', state: 'failed', name, diagnostics })
    return () => { if (this.#problems.get(name) === diagnostics) this.#clear(name) }
  }

  /** By name, as builds that failed. */
  status (): Record<string, BuildStatus> {
    return Object.fromEntries([...this.#problems].map(([name, diagnostics]) => [name, { state: 'failed', name, diagnostics, ms: 0 }]))
  }

  #clear (name: string): void {
    if (this.#problems.delete(name)) this.#send({ type: 'build', state: 'ok', name, ms: 0 })
  }
}
