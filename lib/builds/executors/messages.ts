// What the server and a child say to each other. Everything a child says carries the secret of its first message.
import type { Diagnostic, Progress } from '../../../types/build.js'

export type ToChild =
  | { readonly type: 'init', readonly nonce: string, readonly dir: string }
  | { readonly type: 'load', readonly file: string }
  | { readonly type: 'run', readonly id: number, readonly file: string, readonly data: unknown }
  | { readonly type: 'abort', readonly id: number }

export type FromChild =
  /** An abort was heard: the child does not loop. */
  | { readonly type: 'aborting', readonly id: number }
  | { readonly type: 'log', readonly id: number, readonly text: string }
  | { readonly type: 'progress', readonly id: number, readonly progress: Progress }
  /** The value as structured-clone bytes, or a file that holds them. */
  | { readonly type: 'result', readonly id: number, readonly rss: number, readonly bytes?: Uint8Array, readonly path?: string }
  | { readonly type: 'failed', readonly id: number, readonly rss: number, readonly code: 'TASK_THREW' | 'TASK_RESULT', readonly diagnostic: Diagnostic, readonly extension?: boolean, readonly syntax?: boolean }
  /** Thrown where nobody catches, by this task or a later effect of it: the child ends. */
  | { readonly type: 'stray', readonly id?: number | undefined, readonly diagnostic: Diagnostic }

/** Above this a result goes through a file. */
export const MAX_MESSAGE = 4 * 1024 * 1024
/** Above this a result is refused. */
export const MAX_RESULT = 64 * 1024 * 1024
/** What a message needs around a result. */
export const ENVELOPE = 64 * 1024

const TYPES = new Set(['aborting', 'log', 'progress', 'result', 'failed', 'stray'])

/** A message of this child, or `undefined`: forged, or not one at all. */
export function readMessage (value: unknown, nonce: string): FromChild | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const given = value as Record<string, unknown>
  if (given.nonce !== nonce || typeof given.type !== 'string' || !TYPES.has(given.type)) return undefined
  return given as unknown as FromChild
}
