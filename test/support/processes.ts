// What runs on this machine, by /proc.
import { readFileSync, readdirSync } from 'node:fs'

const read = (path: string) => {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}

const pids = () => readdirSync('/proc').filter(name => /^\d+$/.test(name)).map(Number)

/** State and parent of a process; after the name, which may hold anything. */
function statOf (pid: number): { state: string, parent: number } {
  const [state = '', parent = ''] = read(`/proc/${pid}/stat`).replace(/^.*\)\s/s, '').split(' ')
  return { state, parent: Number(parent) }
}

/** Processes whose command line holds the text; what is dead and only not yet reaped by others does not count. */
export function running (text: string): number[] {
  return pids().filter(pid => pid !== process.pid && read(`/proc/${pid}/cmdline`).includes(text) && statOf(pid).state !== 'Z')
}

/** Processes whose environment holds the text. */
export function carrying (text: string): number[] {
  return pids().filter(pid => pid !== process.pid && read(`/proc/${pid}/environ`).includes(text))
}

export function childrenOf (parent: number): { pid: number, state: string }[] {
  return pids().map(pid => ({ pid, ...statOf(pid) })).filter(one => one.parent === parent)
}

/** How far each of its threads gives way. */
export function prioritiesOf (pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).map(thread => Number(read(`/proc/${pid}/task/${thread}/stat`).replace(/^.*\)\s/s, '').split(' ')[16]))
}

export function descriptors (): number {
  return readdirSync('/proc/self/fd').length
}
