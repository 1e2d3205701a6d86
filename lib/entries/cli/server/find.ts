// Which running servers a command is for: those of the nearest directory.
import { realpathSync } from 'node:fs'
import { resolve } from 'node:path'
import { readServers, removeServer, type FoundServer } from '../../../shared/command-line/server-file.js'
import { isWithin } from '../../../shared/paths.js'
import { NoServerError, textOf, UsageError, type Flag, type Values } from '../command.js'

/** The flags of every command that talks to a server. */
export const SERVER_FLAGS: Readonly<Record<string, Flag>> = {
  dir: { type: 'string', value: '<directory>', help: 'where the server was started (default: the working directory, or the nearest one above it)' },
  json: { type: 'boolean', help: 'prints the answers as a JSON array on stdout, one for each server' }
}

/** All servers that run in the directory, or in the nearest one above it. @throws NoServerError, UsageError */
export async function findServers (values: Values): Promise<readonly [FoundServer, ...FoundServer[]]> {
  const directory = directoryOf(textOf(values, 'dir'))
  const { servers, refused } = await readServers()
  const running: FoundServer[] = []
  for (const server of servers) {
    if (isRunning(server)) running.push(server)
    else await removeServer(server)
  }
  const near = running.filter(({ cwd }) => isWithin(cwd, directory)).sort((a, b) => b.cwd.length - a.cwd.length || placeOf(a).localeCompare(placeOf(b), 'en', { numeric: true }))
  const [first, ...rest] = near.filter(({ cwd }) => cwd === near[0]?.cwd)
  if (first !== undefined) return [first, ...rest]
  if (refused[0] !== undefined) throw new NoServerError(refused[0])
  const others = [...new Set(running.map(({ cwd }) => cwd))]
  const stale = servers.find(server => !running.includes(server) && isWithin(server.cwd, directory))
  const what = stale === undefined ? `no server with live reload runs in ${directory}` : `the server of ${stale.cwd} (pid ${stale.pid}) is gone`
  throw new NoServerError(`${what}: start it${others.length > 0 ? `, or name by --dir one of those in ${others.join(', ')}` : ''}`)
}

/** What tells the servers of a directory apart: the address, or the socket. */
export function placeOf ({ url, socket }: FoundServer): string {
  return socket ?? new URL(url).origin
}

function directoryOf (given: string | undefined): string {
  try {
    return realpathSync(resolve(given ?? '.'))
  } catch {
    throw new UsageError(`--dir names ${given}, which does not exist`)
  }
}

function isRunning ({ pid }: FoundServer): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}
