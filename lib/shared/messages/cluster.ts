// What the workers of a cluster and their primary process say to each other, so that all of them serve one set of tabs.
import type { BuildStatus, ServerMessage } from '../../../types/message.js'
import type { WatchStatus } from '../../../types/change.js'

/** What the worker that watches tells the others of itself. */
export interface SharedStatus {
  readonly builds: Record<string, BuildStatus>
  readonly watches: WatchStatus[]
  readonly paused: boolean
  /** Everything is watched, and the first builds have ended. */
  readonly isReady: boolean
}

/** What became of a call. An `Error` does not survive the way. */
export interface CallOutcome { readonly value?: unknown, readonly error?: { readonly message: string, readonly code?: string } }

/** What a worker says. `send`: a message for all tabs. `event`: for listeners of the other workers. `call`: for the worker that watches. */
export type FromWorker =
  | { readonly type: 'join' | 'leave' }
  | { readonly type: 'send', readonly message: ServerMessage }
  | { readonly type: 'prepared', readonly seq: number }
  | { readonly type: 'event', readonly event: string, readonly data: unknown }
  | { readonly type: 'status', readonly status: SharedStatus }
  | { readonly type: 'call', readonly id: number, readonly name: string, readonly args: readonly unknown[] }
  | { readonly type: 'result', readonly id: number, readonly to: number, readonly outcome: CallOutcome }

/** What the primary says. `prepare`: pages made from now on have this number. `deliver`: to the tabs. `lead`: this worker watches from now on. */
export type FromPrimary =
  | { readonly type: 'joined', readonly epoch: string, readonly token: string, readonly seq: number, readonly leads: boolean, readonly status?: SharedStatus | undefined }
  | { readonly type: 'prepare', readonly seq: number }
  | { readonly type: 'deliver', readonly message: ServerMessage }
  | { readonly type: 'lead', readonly seq: number }
  | { readonly type: 'event', readonly event: string, readonly data: unknown }
  | { readonly type: 'status', readonly status: SharedStatus }
  | { readonly type: 'call', readonly id: number, readonly from: number, readonly name: string, readonly args: readonly unknown[] }
  | { readonly type: 'result', readonly id: number, readonly outcome: CallOutcome }

/** Both directions share the channel with messages of the app: this field tells ours from theirs. Its value names the app, as a worker may have several. */
const FIELD = 'fastifyLiveReload'

export interface Envelope { readonly group: string, readonly body: unknown }

export const wrap = (group: string, body: FromWorker | FromPrimary): object => ({ [FIELD]: group, body })

/** Returns `undefined` for a message of somebody else. */
export function unwrap (message: unknown): Envelope | undefined {
  if (typeof message !== 'object' || message === null || !(FIELD in message)) return undefined
  return { group: String(message[FIELD]), body: (message as unknown as Envelope).body }
}
