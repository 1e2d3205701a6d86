// The order of watch states, from good to bad.
import type { WatchState } from '../../../types/change.js'

const SEVERITY: readonly WatchState[] = ['ok', 'degraded', 'polling', 'failed']

export function worstOf<T extends { readonly state: WatchState }> (all: readonly T[]): T | undefined {
  return [...all].sort((a, b) => SEVERITY.indexOf(b.state) - SEVERITY.indexOf(a.state))[0]
}
