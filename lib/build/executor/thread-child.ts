// Entry of a worker thread.
import { parentPort, type MessagePort } from 'node:worker_threads'
import type { ToChild } from './messages.js'
import { serve } from './serve.js'

const port = parentPort as MessagePort
const receive = serve({
  send (message, sent) {
    port.postMessage(message)
    sent?.()
  },
  exit: code => process.exit(code)
})
port.on('message', (message: ToChild | 'stop') => message === 'stop' ? process.exit(0) : receive(message))
