// How long after a save it was seen, built, sent, and applied by the first tab.
import { stat } from 'node:fs/promises'
import type { Change } from '../../../types/change.js'
import type { LiveReloadEvents } from '../../../types/events.js'

export type Step = 'seen' | 'built' | 'sent' | 'applied'

interface Save {
  /** When the file was written, or else seen, by `performance.now()`. */
  readonly at: Promise<number>
  /** A build ended for it. */
  isBuilt: boolean
  /** Outputs differ since. */
  hasOutputs: boolean
}

/** A file with an older time was moved here, not saved. */
const MAX_SAVE_AGE_MS = 10_000
/** Sent, and applied by no tab yet. */
const MAX_SENT = 100

export class SaveTimes {
  readonly #observe: (step: Step, seconds: number) => void
  /** By pipeline, or by the watch for what is not built. */
  readonly #open = new Map<string, Save>()
  readonly #sent = new Map<number, readonly Save[]>()
  /** Names of the builds that run. */
  readonly #building = new Set<string>()

  constructor (observe: (step: Step, seconds: number) => void) {
    this.#observe = observe
  }

  change ({ source, name, changes }: LiveReloadEvents['change']): void {
    if (source === 'plugin') return
    // Outputs of a build are no save.
    if (source === 'output' && this.#building.size > 0) {
      for (const building of this.#building) this.#of(building, save => { save.hasOutputs = true })
      return
    }
    const [first] = changes as readonly [Change]
    const key = source === 'input' ? `build ${name}` : source
    if (this.#open.has(key)) return
    const save: Save = { at: savedAt(first.path, first.seen), isBuilt: source !== 'input', hasOutputs: false }
    this.#open.set(key, save)
    this.#note('seen', save, first.seen)
  }

  buildStarts (name: string): void {
    this.#building.add(name)
  }

  /** `ok` is absent when the build was aborted: the next one is for the same save. */
  buildEnds (name: string, ok: boolean | undefined, now: number): void {
    this.#building.delete(name)
    if (ok === undefined) return
    this.#of(name, (save, key) => {
      save.isBuilt = ok
      if (ok) this.#note('built', save, now)
      // What it wrote is sent in the same tick, or with the outputs of another build.
      if (!ok || !save.hasOutputs) this.#open.delete(key)
    })
  }

  sent (seq: number, clients: number, now: number): void {
    const saves = [...this.#open].filter(([, { isBuilt }]) => isBuilt)
    for (const [key, save] of saves) {
      this.#open.delete(key)
      if (clients > 0) this.#note('sent', save, now)
    }
    if (clients === 0 || saves.length === 0) return
    this.#sent.set(seq, saves.map(([, save]) => save))
    const [oldest] = this.#sent.keys()
    if (this.#sent.size > MAX_SENT) this.#sent.delete(oldest as number)
  }

  applied (seq: number, now: number): void {
    for (const save of this.#sent.get(seq) ?? []) this.#note('applied', save, now)
    this.#sent.delete(seq)
  }

  #of (build: string, use: (save: Save, key: string) => void): void {
    const key = `build ${build}`
    const save = this.#open.get(key)
    if (save !== undefined) use(save, key)
  }

  #note (step: Step, { at }: Save, now: number): void {
    at.then(start => this.#observe(step, Math.max(0, now - start) / 1000))
  }
}

/** File systems have coarse clocks: a time after the change was seen means just then. */
async function savedAt (path: string, seen: number): Promise<number> {
  const time = await stat(path).then(({ mtimeMs }) => mtimeMs - Date.now() + performance.now(), () => seen)
  return seen - time < MAX_SAVE_AGE_MS ? Math.min(time, seen) : seen
}
