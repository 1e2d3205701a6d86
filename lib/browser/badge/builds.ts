// What the page knows of the builds: which run, how far they are, which are broken.
import type { Diagnostic } from '../../../types/build.js'
import type { BuildMessage, BuildStatus } from '../../../types/message.js'

export interface Failure {
  readonly name: string
  readonly diagnostics: readonly Diagnostic[]
}

export interface Running {
  readonly name: string
  readonly since: number
  readonly done: number | undefined
  readonly total: number | undefined
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
  const failed = new Map<string, readonly Diagnostic[]>()
  const running = new Map<string, Running>()

  function hear ({ state, name, diagnostics = [], done, total }: Omit<BuildMessage, 'type'>) {
    if (state === 'started' || state === 'progress') {
      running.set(name, { name, since: running.get(name)?.since ?? Date.now(), done, total })
      return
    }
    running.delete(name)
    if (state === 'failed') failed.set(name, diagnostics)
    else failed.delete(name)
  }
  return {
    hear,
    greet ({ state, name = 'build', ...more }) {
      failed.clear()
      running.clear()
      if (state !== 'idle') hear({ state, name, ...more })
    },
    failures: () => [...failed].map(([name, diagnostics]) => ({ name, diagnostics })),
    running: () => [...running.values()].at(-1),
    errors: () => [...failed.values()].reduce((sum, diagnostics) => sum + Math.max(1, diagnostics.filter(({ severity }) => severity === 'error').length), 0)
  }
}
