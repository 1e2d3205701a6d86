// Why a program could not be started, or how it ended: one sentence a person can act on.
import { access, constants, stat } from 'node:fs/promises'
import { delimiter, isAbsolute, join, resolve } from 'node:path'

export interface Ending { readonly code: number | null, readonly signal: string | null, readonly output: string }

/** fork(2), execve(2), pipe(2): limits that other programs reach, and leave again. */
const RESOURCE_LIMITS = new Set(['EAGAIN', 'ENOMEM', 'EMFILE', 'ENFILE'])

/** What a person can do when the system gives no process or thread; empty when no limit is the cause. */
export function adviseOnLimit (error: NodeJS.ErrnoException): string {
  return RESOURCE_LIMITS.has(error.code as string) ? '; end other programs, or raise the limit (ulimit -u, ulimit -n)' : ''
}

/** How a program ended, to be read after its name: "exited with code 1". */
export function explainEnding ({ code, signal, output }: Ending): string {
  if (/heap out of memory|ERR_WORKER_OUT_OF_MEMORY/i.test(output)) return `ran out of memory (${signal ?? `exit code ${code}`}); give it more with NODE_OPTIONS=--max-old-space-size=4096`
  if (signal === 'SIGKILL') return 'was killed (SIGKILL), probably out of memory'
  // A program may abort for any reason: memory is a guess only where it says something of it.
  if (signal === 'SIGABRT') return `was aborted (SIGABRT)${/out of memory|bad_alloc|cannot allocate|allocation failed/i.test(output) ? ', probably out of memory' : ''}`
  if (signal !== null) return `was ended by ${signal}`
  // A shell uses these two codes for programs it could not run.
  if (code === 126) return 'exited with code 126: a program in it cannot be executed'
  if (code === 127) return 'exited with code 127: a program in it was not found'
  return `exited with code ${code}`
}

/** Asked before the start: Node reports a missing working directory as a missing program. */
export async function explainWrongCwd (cwd: string): Promise<string | undefined> {
  const found = await stat(cwd).catch((error: NodeJS.ErrnoException) => error)
  if (found instanceof Error) return `cannot run in ${cwd}: ${found.code === 'ENOENT' ? 'there is no such directory' : found.message}`
  return found.isDirectory() ? undefined : `cannot run in ${cwd}: it is not a directory`
}

/** To be read after "cannot be started". */
export async function explainStart (error: NodeJS.ErrnoException, program: string, cwd: string, env: NodeJS.ProcessEnv): Promise<string> {
  const advice = adviseOnLimit(error)
  if (advice !== '') return `the system gives no new process (${error.code})${advice}`
  switch (error.code) {
    case 'E2BIG': return 'its arguments and environment are too long for the system (E2BIG); pass a file instead'
    case 'ENOEXEC': return `${program} is no program the system can run (ENOEXEC); does it need a first line such as #!/usr/bin/env node?`
    case 'ENOENT': case 'EACCES': return explainMissing(program, cwd, env, error.code)
    default: return error.message
  }
}

async function explainMissing (program: string, cwd: string, env: NodeJS.ProcessEnv, code: string): Promise<string> {
  const isPath = /[\\/]/.test(program)
  const candidates = isPath ? [resolve(cwd, program)] : searchPath(env, cwd).map(dir => join(dir, program))
  for (const file of candidates) {
    const found = await stat(file).catch(() => undefined)
    if (found === undefined) continue
    if (found.isDirectory()) return `${file} is a directory, not a program`
    if (await access(file, constants.X_OK).then(() => false, () => true)) return `${file} is not executable; try chmod +x`
    return `${file} cannot be run: the interpreter in its first line is missing, or it is made for another system`
  }
  // A directory that is closed to this user is EACCES, too.
  const closed = code === 'EACCES'
  if (isPath) return closed ? `${candidates[0]} cannot be reached: this user may not enter a directory above it` : `there is no program ${candidates[0]}`
  return `the program ${program} was not found; is it installed, and in PATH or node_modules/.bin?${closed ? ' (This user may not enter every directory of PATH.)' : ''}`
}

function searchPath (env: NodeJS.ProcessEnv, cwd: string): string[] {
  return (env.PATH ?? '').split(delimiter).filter(dir => dir !== '').map(dir => isAbsolute(dir) ? dir : resolve(cwd, dir))
}
