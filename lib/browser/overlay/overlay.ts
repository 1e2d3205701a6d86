// Failed builds over the page: loaded when there is something to show.
import type { Failure } from '../badge/builds.js'
import type { CreateIsland, Make } from '../dom.js'
import { createDismissed } from './dismissed.js'
import type { Door } from './open.js'
import { STYLE } from './style.js'
import type { Problem } from './text.js'
import { createView } from './view.js'

export interface OverlayOptions extends Door {
  readonly make: Make
  /** Whether places can be opened. */
  readonly editor: boolean
  /** There is a badge, so somewhere to minimise to. */
  readonly small: boolean
  /** Under which name the session keeps what was closed. */
  readonly key: string
  readonly createIsland: CreateIsland
}

export interface Overlay {
  /** What is broken now; nothing: it goes away. `asked`: even what was closed by hand. */
  show (failures: readonly Failure[], asked?: boolean): void
  /** Somebody else shows what is broken. */
  hide (): void
}

const MOST = 100

function problemsOf (failures: readonly Failure[]): Problem[] {
  return failures.flatMap(({ name, diagnostics }) => {
    const errorsFirst = [...diagnostics].sort((a, b) => Number(a.severity === 'warning') - Number(b.severity === 'warning'))
    const some = errorsFirst.length > 0 ? errorsFirst : [{ severity: 'error', message: '' } as const]
    return some.map(diagnostic => ({ ...diagnostic, builder: name }))
  })
}

export function createOverlay ({ small, key, createIsland, ...options }: OverlayOptions): Overlay {
  const dismissed = createDismissed(key)
  let shown = ''
  /** Until the build is good again. */
  let minimised = false
  const view = createView({
    ...options,
    minimise: small
      ? () => {
          minimised = true
          view.close()
        }
      : undefined,
    close () {
      view.close()
      dismissed.add(shown)
    },
    focused: () => island.focused()
  })
  const island = createIsland('live-reload-overlay', STYLE, view.element, view.announcer)

  return {
    hide: view.close,
    show (failures, asked) {
      const problems = problemsOf(failures)
      shown = JSON.stringify(failures)
      if (asked || problems.length === 0) {
        minimised = false
        dismissed.clear()
      }
      if (problems.length === 0) {
        if (view.close()) view.announce('The build is good again.')
      } else if (!minimised && !dismissed.is(shown)) {
        island.attach()
        view.open(problems.slice(0, MOST), problems.length)
      }
    }
  }
}
