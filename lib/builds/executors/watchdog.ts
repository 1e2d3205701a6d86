// Entry of a thread in the child: waits for the server's end of a pipe to close, then kills everything the child started, and the child.
// It has an event loop of its own, so it hears that whatever the build is doing. A blocking read would hold up the child's own exit.
import { Socket } from 'node:net'
import { workerData } from 'node:worker_threads'
import { MARK, killGroup, sweepNow } from '../processes/group.js'
import { hurry } from '../processes/priority.js'

const { fd, pid, older } = workerData as { readonly fd: number, readonly pid: number, readonly older?: ReadonlySet<string> }

function end (): void {
  hurry()
  sweepNow(process.env[MARK] as string, older)
  killGroup(pid, 'SIGKILL')
}

new Socket({ fd, readable: true, writable: false }).once('close', end).on('error', () => {}).resume()
