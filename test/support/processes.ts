// What runs on this machine: by /proc on Linux, by `ps` on other systems of the POSIX family.
import { execFileSync } from 'node:child_process'
import { readFileSync, readdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

const hasProc = process.platform === 'linux'

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

interface Listed { readonly pid: number, readonly parent: number, readonly state: string, readonly line: string }

/** Without the `ps` that tells. */
function list (): Listed[] {
  return execFileSync('ps', ['-A', '-ww', '-o', 'pid=,ppid=,state=,args='], { encoding: 'latin1', maxBuffer: 1e8 }).split('\n').flatMap(row => {
    const [, pid, parent, state = '', line = ''] = /^ *(\d+) +(\d+) +(\S+) ?(.*)$/.exec(row) ?? []
    return pid === undefined || (Number(parent) === process.pid && line.startsWith('ps -A')) ? [] : [{ pid: Number(pid), parent: Number(parent), state: state.charAt(0), line }]
  })
}

/** Processes whose command line holds the text (arguments are parted by a NUL); what is dead and only not yet reaped by others does not count. */
export function running (text: string): number[] {
  if (!hasProc) return list().filter(one => one.pid !== process.pid && one.line.includes(text.replaceAll('\0', ' ')) && one.state !== 'Z').map(one => one.pid)
  return pids().filter(pid => pid !== process.pid && read(`/proc/${pid}/cmdline`).includes(text) && statOf(pid).state !== 'Z')
}

/** Processes whose environment holds the text. Linux only. */
export function carrying (text: string): number[] {
  return pids().filter(pid => pid !== process.pid && read(`/proc/${pid}/environ`).includes(text))
}

export function childrenOf (parent: number): { pid: number, state: string }[] {
  const all = hasProc ? pids().map(pid => ({ pid, ...statOf(pid) })) : list()
  return all.filter(one => one.parent === parent)
}

/** How far each of its threads gives way. Linux only. */
export function prioritiesOf (pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).map(thread => Number(read(`/proc/${pid}/task/${thread}/stat`).replace(/^.*\)\s/s, '').split(' ')[16]))
}

export function descriptors (): number {
  return readdirSync(hasProc ? '/proc/self/fd' : '/dev/fd').length
}

/** Whether the process has the file or its directory among the files that the system tells it about. Only Linux says so: elsewhere it is taken for true. */
export function watches (pid: number, path: string): boolean {
  if (!hasProc) return true
  const inodes = new Set([path, dirname(path)].flatMap(one => statSync(one, { throwIfNoEntry: false })?.ino.toString(16) ?? []))
  return readdirSync(`/proc/${pid}/fdinfo`).some(descriptor =>
    [...read(`/proc/${pid}/fdinfo/${descriptor}`).matchAll(/^inotify wd:\S+ ino:(\w+)/gm)].some(([, inode = '']) => inodes.has(inode)))
}
