// Entry of a child process: file descriptor 3 carries the messages, 4 tells that the server lives.
import { Socket } from 'node:net'
import { Worker } from 'node:worker_threads'
import { MARK, listProcesses, sweepNow } from '../processes/group.js'
import { createFrameReader, encodeFrame } from './frames.js'
import type { ToChild } from './messages.js'
import { printed } from './printed.js'
import { serve } from './serve.js'

// Before any build can have started one, or changed the environment.
const older = listProcesses()
const mark = process.env[MARK] as string
// The thread below may come too late for a child that hears of the server's death itself, or fails because of it.
process.on('exit', () => sweepNow(mark, older))

const socket = new Socket({ fd: 3, readable: true, writable: true })
const exit = () => process.exit(0)
const receive = serve({
  send: (message, sent) => { socket.write(encodeFrame(message), sent) },
  printed,
  exit: code => process.exit(code)
})
const read = createFrameReader(Infinity, message => receive(message as ToChild), exit)
socket.on('data', read).on('error', exit).on('end', exit)

// A thread, because a build that loops never looks at a closed channel.
new Worker(new URL('./watchdog.js', import.meta.url), { workerData: { fd: 4, pid: process.pid, older } })
  .on('error', () => {})
  .unref()
