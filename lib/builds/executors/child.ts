// Entry of a child process: file descriptor 3 carries the messages.
import { Socket } from 'node:net'
import { encodeLine, readLines, type ToChild } from './messages.js'
import { Runner } from './runner.js'

/** A server that reads nothing for so long gets the result without the rest of the output. */
const FLUSH_TIMEOUT_MS = 1_000

const socket = new Socket({ fd: 3, readable: true, writable: true })
const runner = new Runner({
  send: (message, onSent) => { socket.write(encodeLine(message), onSent) },
  flush: () => Promise.race([
    new Promise(resolve => setTimeout(resolve, FLUSH_TIMEOUT_MS).unref()),
    Promise.all([process.stdout, process.stderr].filter(stream => stream.writableLength > 0).map(stream => new Promise<unknown>(resolve => { stream.write('', resolve) })))
  ])
})
// The channel ends with the server.
readLines(socket, message => runner.receive(message as ToChild), () => process.exit(0))
