// Tells the guard which commands run. One guard for the server, started with the first command.
import { spawn, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { nodeArguments } from './node-arguments.js'

const LINGER = 10_000

let guard: ChildProcess | undefined
let timer: NodeJS.Timeout | undefined
const watched = new Map<number, string>()

/** From now on the group dies with the server, even by SIGKILL; returns the undo. */
export function guardGroup (pid: number, mark: string): () => void {
  clearTimeout(timer)
  watched.set(pid, mark)
  if (guard === undefined) start()
  else tell(`+${pid} ${mark}`)
  return () => {
    watched.delete(pid)
    tell(`-${pid}`)
    if (watched.size === 0) timer = setTimeout(dismiss, LINGER).unref()
  }
}

/** Ends the guard when nothing is watched. */
export function dismiss (): void {
  if (watched.size > 0) return
  clearTimeout(timer)
  guard?.stdin?.end()
  guard = undefined
}

function start (): void {
  const child = guard = spawn(process.execPath, [...nodeArguments(process.execArgv), fileURLToPath(new URL('./guard.js', import.meta.url))], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    windowsHide: true
  })
  const gone = () => { if (guard === child) guard = undefined }
  child.on('error', gone).on('exit', gone).unref()
  child.stdin.on('error', gone)
  if ('unref' in child.stdin) (child.stdin as unknown as { unref (): void }).unref()
  for (const [pid, mark] of watched) tell(`+${pid} ${mark}`)
}

function tell (line: string): void {
  guard?.stdin?.write(`${line}\n`)
}
