// What is to be done: all that is new is loaded first, then everything changes at once, or nothing does.
import type { Freshen } from './versions.js'

export interface Plan {
  readonly freshen: Freshen
  /** What has to be there before: a failure stops everything. */
  readonly waits: (() => Promise<unknown>)[]
  readonly commits: (() => void)[]
  readonly undos: (() => void)[]
}

export async function run ({ waits, commits, undos }: Plan): Promise<void> {
  try {
    // What has come may name more that is stale.
    while (waits.length > 0) await Promise.all(waits.splice(0).map(wait => wait()))
  } catch (error) {
    for (const undo of undos) undo()
    throw error
  }
  for (const commit of commits) commit()
}
