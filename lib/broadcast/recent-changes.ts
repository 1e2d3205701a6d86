// Keeps the newest changes for tabs that were disconnected. Several missed updates become one; anything else becomes a reload.
import type { ChangeMessage, HelloMessage } from '../../types/message.js'

export interface RecentChanges {
  add (message: ChangeMessage): void
  /** The newest changes for `hello`, the oldest first. */
  all (): readonly ChangeMessage[]
  /** What a page made at the stamp `at` has missed. `undefined` when it is up to date, or has no valid stamp. */
  missedSince (at: string | undefined, now: Pick<HelloMessage, 'epoch' | 'seq'>): ChangeMessage | undefined
}

/** A page that missed more changes than this reloads. */
const MAX_CHANGES = 10

export function createRecentChanges (): RecentChanges {
  const kept: ChangeMessage[] = []
  return {
    add (message) {
      const { paths, ...rest } = { paths: undefined, ...message }
      kept.push(rest)
      if (kept.length > MAX_CHANGES) kept.shift()
    },
    all: () => kept,
    missedSince (at, { epoch, seq }) {
      const found = at === undefined ? null : /^([\w-]{1,64}):(\d{1,15})$/.exec(at)
      if (found === null) return undefined
      const from = Number(found[2])
      if (found[1] === epoch && from === seq) return undefined
      const missed = kept.filter(message => message.seq > from)
      const updates = missed.flatMap(message => message.type === 'update' ? message.updates : [])
      const isComplete = found[1] === epoch && missed.length === seq - from && missed.every(({ type }) => type === 'update')
      if (!isComplete) return { type: 'reload', seq }
      return { type: 'update', seq, updates: updates.filter(({ path, was }, i) => updates.findLastIndex(other => other.path === path && other.was === was) === i) }
    }
  }
}
