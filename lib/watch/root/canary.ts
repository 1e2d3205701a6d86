// A file that comes and goes in a root, to learn whether events of the system arrive.
import { closeSync, openSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Clock } from '../../shared/clock.js'

export interface CanarySettings {
  /** Of the root. */
  readonly path: string
  readonly clock: Clock
  /** No event has come in `DEAF_AFTER_MS`. */
  onDeaf (): void
}

/** Ignored by every watch of ours. It has no extension that another tool looks for. One name for all processes: the next one removes what a killed one left. */
const NAME = '.watch.live-reload-canary'
/** Between two looks. Several short waits, because an event that came while the event loop was blocked is heard before the next one. */
const LOOK_MS = 100
/** At this look the file is made once more, and stays: some systems report nothing of what is gone already. */
const SECOND_FILE_LOOK = 3
const LAST_LOOK = 25
export const DEAF_AFTER_MS = LOOK_MS * LAST_LOOK

export class Canary {
  readonly #settings: CanarySettings
  readonly #file: string
  /** `settled`: an event has come, or no file can be made. */
  #state: 'idle' | 'asking' | 'settled' = 'idle'
  #cancel = (): void => {}

  constructor (settings: CanarySettings) {
    this.#settings = settings
    this.#file = join(settings.path, NAME)
  }

  /** To be called when events should arrive from now on. Begins anew where the answer is not known yet. */
  ask (): void {
    if (this.#state === 'settled') return
    this.#cancel()
    this.#state = this.#make() ? 'asking' : 'settled'
    // Removed before other code of this process can see it.
    this.#remove()
    this.#look(1)
  }

  /** Takes the paths of a hint and returns those that are not the file's; `undefined` when no others are left. */
  hear (paths: readonly string[]): readonly string[] | undefined {
    const first = this.#state === 'asking'
    if (first) {
      this.close()
      this.#state = 'settled'
    }
    const others = paths.filter(path => basename(path) !== NAME)
    // An empty list: that the file was made and removed cancelled each other out.
    return others.length > 0 || (paths.length === 0 && !first) ? others : undefined
  }

  close (): void {
    this.#cancel()
    if (this.#state === 'asking') this.#remove()
  }

  #look (number: number): void {
    if (this.#state !== 'asking') return
    this.#cancel = this.#settings.clock.after(LOOK_MS, () => {
      if (number === SECOND_FILE_LOOK) this.#make()
      if (number < LAST_LOOK) return this.#look(number + 1)
      this.#remove()
      this.#state = 'idle'
      this.#settings.onDeaf()
    })
  }

  #make (): boolean {
    try {
      this.#remove()
      // `x` never writes through a link that somebody else put there.
      closeSync(openSync(this.#file, 'wx'))
      return true
    } catch {
      return false
    }
  }

  #remove (): void {
    try {
      rmSync(this.#file, { force: true })
    } catch {
      // The root has become read-only, or its mount is gone. The next start removes it.
    }
  }
}
