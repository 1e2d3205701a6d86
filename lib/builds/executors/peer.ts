// One place where tasks run, as the pool sees it: a child process or a thread.
import type { Ending } from '../processes/explain.js'
import type { ToChild } from './messages.js'

export interface Peer {
  /** @throws DataCloneError when the message is no plain data. */
  send (message: ToChild): void
  /** Everything that was printed since `reset()`, at most the tail of it. */
  printed (): string
  reset (): void
  /** Settles when what was printed up to now is read. */
  quiet (): Promise<void>
  /** So much was printed that what comes later can not be told from it. */
  readonly flooded: boolean
  /** Asks to end; by force after a while. */
  stop (): void
  kill (): void
  /** Keeps this process alive while a task runs, and not longer. */
  ref (): void
  unref (): void
}

export interface PeerEvents {
  message (value: unknown): void
  /** Bytes that are no message, or a closed channel: what runs there can not answer any more. */
  broken (): void
  /** Once, and nothing after it. `error` when it could not be started. */
  ended (ending: Ending, error?: NodeJS.ErrnoException): void
}

export interface Transport {
  start (events: PeerEvents): Peer
  /** Settles when nothing that was started is left. */
  close (): Promise<void>
}
