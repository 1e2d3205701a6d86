// A planned update: first everything new is loaded, then everything changes at once, or nothing does.
import type { Freshen } from './freshen.js'

export interface Plan {
  readonly freshen: Freshen
  /** Run first. If one fails, nothing changes. */
  readonly loads: (() => Promise<unknown>)[]
  readonly commits: (() => void)[]
  readonly undos: (() => void)[]
}

export async function run ({ loads, commits, undos }: Plan): Promise<void> {
  try {
    // What has loaded may add more to load.
    while (loads.length > 0) await Promise.all(loads.splice(0).map(load => load()))
  } catch (error) {
    for (const undo of undos) undo()
    throw error
  }
  for (const commit of commits) commit()
}
