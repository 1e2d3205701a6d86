// Classifies what changed, and sends it to tabs as soon as they may show it.
import { existsSync } from 'node:fs'
import type { BuildResult } from '../../types/build.js'
import type { Change } from '../../types/change.js'
import type { ReloadMessage, ServerMessage } from '../../types/message.js'
import { shortenPath } from '../shared/paths.js'
import type { Classification, SourcedChange } from './classify.js'
import { PendingChanges } from './pending-changes.js'

export interface PublisherParts {
  /** Decides what a batch of changes is for the page. */
  classify (changes: readonly SourcedChange[]): Classification
  send (message: ServerMessage): void
  /** Number of the newest change, which another process has sent. @default 0 */
  readonly seq?: number
}

const MAX_SHOWN_PATHS = 20

export class Publisher {
  readonly #cwd: string
  readonly #parts: PublisherParts
  readonly #runningBuilds: () => readonly string[]
  readonly #pending = new PendingChanges<SourcedChange>()
  #seq: number
  #isPaused = false

  constructor (cwd: string, parts: PublisherParts, runningBuilds: () => readonly string[]) {
    this.#cwd = cwd
    this.#parts = parts
    this.#seq = parts.seq ?? 0
    this.#runningBuilds = runningBuilds
  }

  /** Number of the newest change that was sent. */
  get seq (): number {
    return this.#seq
  }

  get isPaused (): boolean {
    return this.#isPaused
  }

  /** Outputs wait until the builds that may have written them have ended well, so that no half-built page is shown. */
  add (source: SourcedChange['source'], changes: readonly Change[]): void {
    const writers = source === 'output' ? this.#runningBuilds() : []
    for (const { path, type } of changes) this.#pending.add({ path, type, source }, writers)
    if (writers.length === 0) this.#publish()
  }

  buildEnded (build: string, result: BuildResult): void {
    const running = this.#runningBuilds()
    this.#pending.release(build, result, running)
    if (running.length === 0) this.#publish()
  }

  /** These outputs are whole, though the build that wrote them goes on. */
  release (outputs: readonly string[]): void {
    this.#pending.free(outputs)
    this.#publish()
  }

  /** Treats absolute paths as outputs that changed just now, whether or not a build runs. */
  update (paths: readonly string[]): void {
    for (const path of paths) this.#pending.add({ path, type: existsSync(path) ? 'update' : 'delete', source: 'output' }, [])
    this.#publish()
  }

  /** Reloads every tab, or those that show one of `urls`. People see `paths`. */
  reload ({ paths = [], urls }: { readonly paths?: readonly string[], readonly urls?: readonly string[] } = {}): void {
    this.#send({ type: 'reload', ...(urls !== undefined && { urls }) }, paths)
  }

  pause (): void {
    this.#isPaused = true
  }

  resume (): void {
    this.#isPaused = false
    if (this.#runningBuilds().length === 0) this.#publish()
  }

  #publish (): void {
    const changes = this.#isPaused ? [] : this.#pending.take()
    if (changes.length > 0) this.#send(this.#parts.classify(changes), changes.map(({ path }) => path))
  }

  #send (message: Classification | Pick<ReloadMessage, 'type' | 'urls'>, paths: readonly string[]): void {
    const seq = ++this.#seq
    if (message.type === 'update') return this.#parts.send({ ...message, seq })
    const different = paths.length > 1 ? [...new Set(paths)].slice(0, MAX_SHOWN_PATHS) : paths
    const shown = different.map(path => shortenPath(this.#cwd, path))
    this.#parts.send(shown.length > 0 ? { ...message, seq, paths: shown } : { ...message, seq })
  }
}
