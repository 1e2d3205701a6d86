// Process groups of ours that are alive: they end with the server's process, however it exits.
import { killGroup } from './group.js'

const alive = new Set<number>()

/** The group is killed when this process exits; returns the undo. */
export function tieToExit (pid: number): () => void {
  if (alive.size === 0) process.on('exit', killAll)
  alive.add(pid)
  return () => {
    alive.delete(pid)
    if (alive.size === 0) process.removeListener('exit', killAll)
  }
}

function killAll (): void {
  for (const pid of alive) killGroup(pid, 'SIGKILL')
}
