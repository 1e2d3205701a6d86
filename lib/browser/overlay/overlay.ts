// Failed builds over the page: loaded when there is something to show.
import type { Failure } from '../badge/builds.js'
import { createIsland } from '../dom.js'
import type { Door } from './open.js'
import { STYLE } from './style.js'
import type { Problem } from './text.js'
import { createView } from './view.js'

export interface OverlayOptions extends Door {
  /** Whether places can be opened. */
  readonly editor: boolean
  /** Absent: there is nowhere to minimise to. */
  readonly minimise: (() => void) | undefined
  close (): void
}

export interface Overlay {
  /** What is broken now; nothing: it goes away. */
  show (failures: readonly Failure[]): void
}

const MOST = 100

function problemsOf (failures: readonly Failure[]): Problem[] {
  return failures.flatMap(({ name, diagnostics }) => {
    const errorsFirst = [...diagnostics].sort((a, b) => Number(a.severity === 'warning') - Number(b.severity === 'warning'))
    const some = errorsFirst.length > 0 ? errorsFirst : [{ severity: 'error', message: '' } as const]
    return some.map(diagnostic => ({ ...diagnostic, builder: name }))
  })
}

export function createOverlay (options: OverlayOptions): Overlay {
  const leave = (then: () => void) => () => {
    view.close()
    then()
  }
  const view = createView({ ...options, minimise: options.minimise && leave(options.minimise), close: leave(options.close), focused: () => island.focused() })
  const island = createIsland('live-reload-overlay', STYLE, view.element, view.announcer)

  return {
    show (failures) {
      const problems = problemsOf(failures)
      if (problems.length === 0) {
        if (view.close()) view.announce('The build is good again.')
        return
      }
      island.attach()
      view.open(problems.slice(0, MOST), problems.length)
    }
  }
}
