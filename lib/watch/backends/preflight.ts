// Asks for an inotify instance, a watch and file descriptors before @parcel/watcher does: where these give an error, it blocks the process.
import { closeSync, openSync } from 'node:fs'
import { NO_INOTIFY_INSTANCE, systemCode } from './limits.js'

/** Descriptors that @parcel/watcher and the check below need at most. */
const SPARE_DESCRIPTORS = 32
// In a worker, because Node keeps one inotify instance per event loop: asking here would prove nothing the second time.
const CHECK = `const { watch } = require('node:fs'); const { parentPort, workerData } = require('node:worker_threads')
try { watch(workerData).close(); parentPort.postMessage('') } catch (error) { parentPort.postMessage(error.code) }`

/** The first directory needs an inotify instance, each one needs descriptors. @throws an error whose `code` names what is used up */
export async function preflight (root: string, isFirst: boolean): Promise<void> {
  checkDescriptors()
  if (!isFirst) return
  const code = await checkInotify(root)
  if (code !== '') throw Object.assign(new Error(`inotify: ${code}`), { code: code === 'EMFILE' ? NO_INOTIFY_INSTANCE : code })
}

function checkDescriptors (): void {
  const opened: number[] = []
  try {
    while (opened.length < SPARE_DESCRIPTORS) opened.push(openSync('/dev/null', 'r'))
  } finally {
    for (const descriptor of opened) closeSync(descriptor)
  }
}

async function checkInotify (root: string): Promise<string> {
  const { Worker } = await import('node:worker_threads')
  return await new Promise(resolve => {
    let answer = 'UNKNOWN'
    const worker = new Worker(CHECK, { eval: true, workerData: root, execArgv: [], env: {} })
    worker.on('message', (code: string) => { answer = code })
    worker.on('error', error => { answer = systemCode(error) })
    // Its inotify instance is free again only when it has ended.
    worker.on('exit', () => resolve(answer))
  })
}
