// Tells the files that builds write into their sources from those that people save. A build must not be stopped by what it writes itself.
import type { Change } from '../../../types/change.js'

export type SourceChange = Pick<Change, 'path' | 'type'>

const MAX_PATHS = 10_000

export class OwnFiles {
  /** Each path that changed while a build ran, with the number of that build; 0 when builds are known to write it. */
  readonly #runs = new Map<string, number>()

  /**
   * True when all of these are files of the builds: they appeared while one ran, or have changed during an earlier one, too.
   * Called for changes during build number `run`.
   */
  note (changes: readonly SourceChange[], run: number): boolean {
    let areOwn = true
    for (const { path, type } of changes) {
      const before = this.#runs.get(path)
      const isOwn = type === 'create' || before === 0 || (before !== undefined && before !== run)
      // Builds that number what they write must not fill the memory.
      if (before === undefined && this.#runs.size >= MAX_PATHS) this.#runs.clear()
      this.#runs.set(path, isOwn ? 0 : run)
      areOwn &&= isOwn
    }
    return areOwn
  }

  /** These changed while nothing was built: people edit them. */
  forget (changes: readonly SourceChange[]): void {
    for (const { path } of changes) this.#runs.delete(path)
  }
}
