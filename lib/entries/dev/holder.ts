// Who listens on a port, as Linux shows it in /proc. Elsewhere nobody is named.
import { readdir, readFile, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { programName } from '../../options/program-name.js'
import { printable } from '../../shared/text.js'

/** A process that listens on a port. */
export interface PortHolder {
  /** Its process id. */
  readonly pid: number
  /** Its program, and the first argument: `node server.js`. */
  readonly name: string
  /** Its working directory, where that may be read. */
  readonly cwd?: string
}

const LISTENING = '0A'
const MAX_NAME = 120

/** `undefined` where it cannot be known: on other systems, and for processes of other users. */
export async function findHolder (port: number, proc = '/proc'): Promise<PortHolder | undefined> {
  const tables = await Promise.all(['tcp', 'tcp6'].map(name => readFile(join(proc, 'net', name), 'utf8').catch(() => '')))
  const sockets = new Set(tables.flatMap(table => socketsOf(table, port)))
  if (sockets.size === 0) return undefined
  const pids = (await readdir(proc).catch(() => [])).filter(name => /^\d+$/.test(name))
  const found = await Promise.all(pids.map(async pid => await hasOne(join(proc, pid, 'fd'), sockets) ? pid : undefined))
  // Children inherit the socket of a cluster: the first process is the one to end.
  const [pid] = found.filter(one => one !== undefined).sort((a, b) => Number(a) - Number(b))
  return pid === undefined ? undefined : await describe(Number(pid), join(proc, pid))
}

/** What /proc/PID/fd links to for each socket that listens on this port. */
function socketsOf (table: string, port: number): string[] {
  const end = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  return table.split('\n').map(line => line.trim().split(/\s+/))
    .filter(([, local, , state]) => local?.endsWith(end) && state === LISTENING)
    .map(columns => `socket:[${columns[9]}]`)
}

async function hasOne (folder: string, sockets: ReadonlySet<string>): Promise<boolean> {
  const names = await readdir(folder).catch(() => [])
  const targets = await Promise.all(names.map(name => readlink(join(folder, name)).catch(() => '')))
  return targets.some(target => sockets.has(target))
}

/** Arguments may hold passwords, so only what names the program is taken from them. */
async function describe (pid: number, folder: string): Promise<PortHolder> {
  const [line, title, cwd] = await Promise.all([
    readFile(join(folder, 'cmdline'), 'utf8').catch(() => ''),
    readFile(join(folder, 'comm'), 'utf8').catch(() => ''),
    readlink(join(folder, 'cwd')).catch(() => undefined)
  ])
  const name = printable(programName(line.split('\0').filter(part => part !== '')) || title.trim() || 'a process', MAX_NAME)
  return { pid, name, ...cwd !== undefined && { cwd: printable(cwd) } }
}

/** `node server.js (pid 42, in /home/me/site)` */
export function nameHolder ({ pid, name, cwd }: PortHolder): string {
  return `${name} (pid ${pid}${cwd === undefined ? '' : `, in ${cwd}`})`
}
