// Entry of a child process: file descriptor 3 carries the messages.
import { Socket } from 'node:net'
import { encodeLine, readLines, type ToChild } from './messages.js'
import { Runner } from './runner.js'

/** A server that reads nothing for so long gets the result without the rest of the output. */
const FLUSH_TIMEOUT_MS = 5_000
/** The server reads a flood slowly and keeps only its end, so the result does not wait for it. */
const [FLOOD_BYTES, FLOOD_TIMEOUT_MS] = [16 * 1024 * 1024, 100]

function flush (): Promise<unknown> {
  const waiting = [process.stdout, process.stderr].filter(stream => stream.writableLength > 0)
  const timeout = waiting.some(stream => stream.writableLength > FLOOD_BYTES) ? FLOOD_TIMEOUT_MS : FLUSH_TIMEOUT_MS
  return Promise.race([
    new Promise(resolve => setTimeout(resolve, timeout).unref()),
    Promise.all(waiting.map(stream => new Promise<unknown>(resolve => { stream.write('', resolve) })))
  ])
}

const socket = new Socket({ fd: 3, readable: true, writable: true })
const runner = new Runner({
  send: (message, onSent) => { socket.write(encodeLine(message), onSent) },
  flush
})
// The channel ends with the server.
readLines(socket, message => runner.receive(message as ToChild), () => process.exit(0))
