// Entry of a worker thread.
import { parentPort, type MessagePort } from 'node:worker_threads'
import type { ToChild } from './messages.js'
import { Runner } from './runner.js'

const TAIL_CHARACTERS = 65_536
const port = parentPort as MessagePort
let printed = ''

// The thread's own streams would keep the server running while it reads them. The tail travels before the next message instead.
process.stdout.write = process.stderr.write = (chunk: string | Uint8Array): boolean => {
  printed = (printed + (typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString())).slice(-TAIL_CHARACTERS)
  return true
}

const runner = new Runner({
  send (message, onSent) {
    if (printed !== '') port.postMessage({ type: 'printed', text: printed })
    printed = ''
    port.postMessage(message)
    onSent?.()
  },
  flush: async () => {}
})
port.on('message', (message: ToChild | 'stop') => message === 'stop' ? process.exit(0) : runner.receive(message))
