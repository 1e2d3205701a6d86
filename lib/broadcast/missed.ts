// The newest changes, kept for who was away: what was missed is an update if every part of it was one. Pure but for the list.
import type { ChangeMessage, HelloMessage } from '../../types/message.js'

export interface Missed {
  note (message: ChangeMessage): void
  /** As the greeting tells them. */
  changes (): readonly ChangeMessage[]
  /** What a page made from `at` needs; `undefined` when it shows what is now, or does not say. */
  since (at: string | undefined, now: Pick<HelloMessage, 'epoch' | 'seq'>): ChangeMessage | undefined
}

/** More changes than this, and a reload is no worse. */
const KEPT = 10

export function createMissed (): Missed {
  const kept: ChangeMessage[] = []
  return {
    note (message) {
      const { paths, ...rest } = { paths: undefined, ...message }
      kept.push(rest)
      if (kept.length > KEPT) kept.shift()
    },
    changes: () => kept,
    since (at, { epoch, seq }) {
      const found = at === undefined ? null : /^([\w-]{1,64}):(\d{1,15})$/.exec(at)
      if (found === null) return undefined
      const from = Number(found[2])
      if (found[1] === epoch && from === seq) return undefined
      const missed = kept.filter(message => message.seq > from)
      const updates = missed.flatMap(message => message.type === 'update' ? message.updates : [])
      const whole = found[1] === epoch && missed.length === seq - from && missed.every(({ type }) => type === 'update')
      if (!whole) return { type: 'reload', seq }
      return { type: 'update', seq, updates: updates.filter(({ path, was }, i) => updates.findLastIndex(other => other.path === path && other.was === was) === i) }
    }
  }
}
