// Entry of a thread in the child: waits for the server's end of a pipe to close, then kills the child's whole group.
// It has an event loop of its own, so it hears that whatever the build is doing. A blocking read would hold up the child's own exit.
import { Socket } from 'node:net'
import { workerData } from 'node:worker_threads'

const { fd, pid } = workerData as { readonly fd: number, readonly pid: number }
const kill = () => { process.kill(-pid, 'SIGKILL') }

new Socket({ fd, readable: true, writable: false }).on('end', kill).on('error', kill).resume()
