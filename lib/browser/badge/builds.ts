// What the page knows of the builds: which run, how far they are, which are broken.
import type { Diagnostic } from '../../../types/build.js'
import type { BuildMessage, BuildStatus } from '../../../types/message.js'

export interface Failure {
  readonly name: string
  readonly diagnostics: readonly Diagnostic[]
}

export interface Running extends Omit<BuildMessage, 'type'> {
  readonly since: number
}

export interface Builds {
  /** The greeting: what was known before is over. */
  greet (status: BuildStatus): void
  hear (message: BuildMessage): void
  /** A failed build stays failed while the next try runs. */
  failures (): Failure[]
  running (): Running | undefined
  errors (): number
}

export function createBuilds (): Builds {
  const failed = new Map<string, Failure>()
  const running = new Map<string, Running>()

  function hear (message: Omit<BuildMessage, 'type'>) {
    const { state, name, diagnostics = [] } = message
    if (state === 'started' || state === 'progress') {
      running.set(name, { since: running.get(name)?.since ?? Date.now(), ...message })
      return
    }
    running.delete(name)
    if (state === 'failed') failed.set(name, { name, diagnostics })
    else failed.delete(name)
  }
  return {
    hear,
    greet ({ state, name = 'build', ...more }) {
      failed.clear()
      running.clear()
      if (state !== 'idle') hear({ state, name, ...more })
    },
    failures: () => [...failed.values()],
    running: () => [...running.values()].at(-1),
    errors: () => [...failed.values()].reduce((sum, { diagnostics }) => sum + (diagnostics.filter(({ severity }) => severity === 'error').length || 1), 0)
  }
}
