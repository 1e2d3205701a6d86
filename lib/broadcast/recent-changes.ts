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

function parseStamp (at: string | undefined): { readonly epoch: string, readonly from: number } | undefined {
  const [, epoch, from] = at === undefined ? [] : /^([\w-]{1,64}):(\d{1,15})$/.exec(at) ?? []
  return epoch === undefined ? undefined : { epoch, from: Number(from) }
}

/** Number of the newest change that the page of this stamp, or this process, knows. Another process of the app may be ahead by a moment, and what it made is no older. */
export function newestOf (at: string | undefined, { epoch, seq }: Pick<HelloMessage, 'epoch' | 'seq'>): number {
  const found = parseStamp(at)
  return found?.epoch === epoch ? Math.max(found.from, seq) : seq
}

export function createRecentChanges (): RecentChanges {
  const kept: ChangeMessage[] = []
  return {
    add (message) {
      kept.push(message)
      if (kept.length > MAX_CHANGES) kept.shift()
    },
    all: () => kept,
    missedSince (at, { epoch, seq }) {
      const found = parseStamp(at)
      if (found === undefined) return undefined
      const { from } = found
      if (found.epoch === epoch && from === seq) return undefined
      const missed = kept.filter(message => message.seq > from)
      const updates = missed.flatMap(message => message.type === 'update' ? message.updates : [])
      const isComplete = found.epoch === epoch && missed.length === seq - from && missed.every(({ type }) => type === 'update')
      if (!isComplete) return { type: 'reload', seq }
      return { type: 'update', seq, updates: updates.filter(({ path, was }, i) => updates.findLastIndex(other => other.path === path && other.was === was) === i) }
    }
  }
}
