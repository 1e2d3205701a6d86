// The states of a watched root, and how events lead from one to the next. Pure: root.ts has the effects.
import type { WatchState } from '../../../types/change.js'
import type { BackendName } from '../../../types/options.js'
import { clip } from '../../shared/text.js'
import { MAX_TEXT } from '../backends/limits.js'

/** `watched`: a backend with events of the system is open. `failed`: the backend that was asked for cannot be opened, and no other one may be tried. */
export type RootStateName = 'missing' | 'opening' | 'watched' | 'polling' | 'failed' | 'closed'

export interface RootState {
  readonly name: RootStateName
  /** The state before the opening under way: it describes the root until that is over. */
  readonly previous: RootStateName
  /** The backend that is open, or that the next opening tries. */
  readonly target: BackendName
  /** Why the root is polled, or not watched. */
  readonly reason: string
  /** Everything has to be compared with the disk after the next opening, because events were lost. */
  readonly compareAll: boolean
  /** An opening was asked for while one was under way. */
  readonly reopen: boolean
  /** When events of the system are tried again. Milliseconds, as `now` in events. */
  readonly retryAt: number
  readonly retryDelay: number
}

export type RootEvent =
  /** New directories or changed rules need a new handle. */
  | { readonly type: 'renew' }
  /** The handle stopped working. */
  | { readonly type: 'lost' }
  /** The handle was closed before its successor is open. */
  | { readonly type: 'interrupted' }
  /** Something else is at the path. What was wrong with the old one says nothing about it. */
  | { readonly type: 'replaced', readonly target: BackendName }
  | { readonly type: 'vanished' | 'opened' | 'closed' }
  /** The target cannot be opened, or reports nothing, and the root is polled. Without `now` it is pointless to try again. */
  | { readonly type: 'fellBack', readonly reason: string, readonly now?: number }
  | { readonly type: 'failed', readonly reason: string }
  | { readonly type: 'tick', readonly now: number, readonly target: BackendName }

type Transitions = Partial<Readonly<Record<RootEvent['type'], RootStateName>>>

const OPEN: Transitions = { renew: 'opening', lost: 'opening', replaced: 'opening', closed: 'closed' }

/** An event that a state does not list changes nothing. `opened` leads to `polling` where that is the target. */
export const TRANSITIONS: Readonly<Record<RootStateName, Transitions>> = {
  missing: { renew: 'opening', replaced: 'opening', closed: 'closed' },
  opening: { ...OPEN, interrupted: 'opening', fellBack: 'opening', vanished: 'missing', opened: 'watched', failed: 'failed' },
  watched: { ...OPEN, fellBack: 'opening' },
  polling: { ...OPEN, tick: 'opening' },
  failed: OPEN,
  closed: {}
}

/** Time until events of the system are tried again after a fall-back; doubles each time. */
const RETRY_DELAY_MS = 60_000
const MAX_RETRY_DELAY_MS = 600_000

export const NOT_LISTENING = 'the app does not listen yet, and native events would keep its process alive'

export function initialState (target: RootState['target'], reason: string): RootState {
  return { name: 'opening', previous: 'missing', target, reason, compareAll: true, reopen: false, retryAt: Infinity, retryDelay: RETRY_DELAY_MS }
}

export function next (state: RootState, event: RootEvent): RootState {
  const name = TRANSITIONS[state.name][event.type]
  if (name === undefined) return state
  const opening = state.name === 'opening'
  const moved: RootState = { ...state, name, previous: opening ? state.previous : state.name }
  switch (event.type) {
    case 'renew': return { ...moved, reopen: opening }
    case 'lost': return { ...moved, reopen: opening, compareAll: true }
    case 'replaced': return { ...moved, target: event.target, compareAll: true }
    case 'interrupted': return { ...moved, compareAll: true }
    case 'opened': return { ...moved, name: state.target === 'poll' ? 'polling' : 'watched', compareAll: false }
    case 'failed': return { ...moved, reason: event.reason, compareAll: true }
    case 'tick': return event.now > state.retryAt ? { ...moved, target: event.target } : state
    case 'fellBack': {
      const { reason, now = Infinity } = event
      return { ...moved, previous: 'polling', target: 'poll', reason, compareAll: true, retryAt: now + state.retryDelay, retryDelay: Math.min(2 * state.retryDelay, MAX_RETRY_DELAY_MS) }
    }
    case 'vanished':
    case 'closed': return moved
  }
}

/** The status of the root, for people. `unreadable` is the first path in it that cannot be read. */
export function describe ({ name, previous, reason }: RootState, path: string, crawled: boolean, unreadable: string | undefined): { readonly state: WatchState, readonly reason?: string } {
  const shown = name === 'opening' || name === 'closed' ? previous : name
  if (shown === 'failed') return { state: 'failed', reason }
  if (!crawled) return { state: 'degraded', reason: `the first scan of ${path} is under way` }
  if (shown === 'missing') return { state: 'degraded', reason: `${path} does not exist; it will be watched as soon as it does` }
  const polling = shown === 'polling'
  if (unreadable !== undefined) return { state: 'degraded', reason: `${polling ? `${reason}; ` : ''}cannot read ${clip(unreadable, MAX_TEXT)}; changes in it are not seen until it can be read` }
  return polling ? { state: 'polling', reason } : { state: 'ok' }
}
