// Asks for an inotify instance, a watch and file descriptors before the native watcher does: it would hang the process where these give an error.
import { closeSync, openSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { NO_INSTANCE, systemCode } from './limits.js'

/** Descriptors the native watcher and the test below need at most. */
const SPARE = 32
// In a thread of its own: Node keeps one instance per event loop, so asking here would prove nothing the second time.
const ASK = `const { watch } = require('node:fs'); const { parentPort, workerData } = require('node:worker_threads')
try { watch(workerData).close(); parentPort.postMessage('') } catch (error) { parentPort.postMessage(error.code) }`

/** @throws an error with the `code` of what is used up */
export async function preflight (root: string): Promise<void> {
  reserve()
  const code = await ask(root)
  if (code !== '') throw Object.assign(new Error(`inotify: ${code}`), { code: code === 'EMFILE' ? NO_INSTANCE : code })
}

function reserve (): void {
  const taken: number[] = []
  try {
    while (taken.length < SPARE) taken.push(openSync('/dev/null', 'r'))
  } finally {
    for (const fd of taken) closeSync(fd)
  }
}

function ask (root: string): Promise<string> {
  return new Promise(resolve => {
    let answer = 'UNKNOWN'
    const worker = new Worker(ASK, { eval: true, workerData: root, execArgv: [], env: {} })
    worker.on('message', (code: string) => { answer = code })
    worker.on('error', error => { answer = systemCode(error) })
    // Only now is its instance free again.
    worker.on('exit', () => resolve(answer))
  })
}
