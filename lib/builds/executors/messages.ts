// What the server and a child say to each other, and how it crosses a pipe.
import type { Readable } from 'node:stream'
import { createInterface } from 'node:readline'
import { deserialize, serialize } from 'node:v8'
import type { Diagnostic, Progress } from '../../../types/build.js'

/** `id` is a secret of the server and this task's child: a build cannot forge the result of another one. */
export type ToChild =
  | { readonly type: 'load', readonly file: string }
  | { readonly type: 'run', readonly id: string, readonly file: string, readonly data: unknown, readonly through?: string | undefined }
  | { readonly type: 'abort', readonly id: string }

export type FromChild =
  /** The abort arrived, so the child is not in an endless loop. */
  | { readonly type: 'aborting', readonly id: string }
  | { readonly type: 'log', readonly id: string, readonly text: string }
  | { readonly type: 'progress', readonly id: string, readonly progress: Progress }
  /** `bytes` are a structured clone. `rss` is the memory of the child, in bytes. */
  | { readonly type: 'result', readonly id: string, readonly rss: number, readonly bytes: Uint8Array }
  | { readonly type: 'failed', readonly id: string, readonly rss: number, readonly code: 'TASK_THREW' | 'TASK_RESULT', readonly diagnostic: Diagnostic, readonly reason?: 'typescript' | 'syntax' | 'load' | undefined }
  /** Nobody caught this error; the child ends. `id` is that of the task that threw it, when that is known. */
  | { readonly type: 'uncaught', readonly id?: string | undefined, readonly diagnostic: Diagnostic }

/** @throws DataCloneError when the message is not plain data. */
export function encodeLine (message: unknown): string {
  return `${serialize(message).toString('base64')}\n`
}

/** Not Node's own IPC channel: there, a byte that a build writes to the pipe throws in the server. */
export function readLines (stream: Readable, onMessage: (message: object) => void, onBroken: () => void): void {
  createInterface({ input: stream }).on('close', onBroken).on('error', onBroken).on('line', line => {
    let message: unknown
    try {
      message = deserialize(Buffer.from(line, 'base64'))
    } catch {
      return onBroken()
    }
    onMessage(Object(message) as object)
  })
  stream.on('error', onBroken)
}
