// Entry of a worker thread.
import { parentPort, type MessagePort } from 'node:worker_threads'
import type { ToChild } from './messages.js'
import { serve } from './serve.js'

const port = parentPort as MessagePort
const KEEP = 65_536
let printed = ''

// Not the thread's own streams: reading them in the server keeps the server's process alive. The tail travels with the next answer.
const capture = (chunk: string | Uint8Array): boolean => {
  printed = (printed + (typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString())).slice(-KEEP)
  return true
}
process.stdout.write = process.stderr.write = capture

const receive = serve({
  send (message, sent) {
    if (printed !== '') port.postMessage({ printed })
    printed = ''
    port.postMessage(message)
    sent?.()
  },
  printed: async () => {},
  exit: code => process.exit(code)
})
port.on('message', (message: ToChild | 'stop') => message === 'stop' ? process.exit(0) : receive(message))
