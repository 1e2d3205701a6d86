// The user may have no more processes (RLIMIT_NPROC, EAGAIN), and then may again.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'tap'
import type { BuildResult } from '../../types/build.js'
import { plainLibrary } from '../support/plain.js'
import { onLinux } from '../support/system.js'

const { path: library } = plainLibrary(after)
// The limit does not hold for root: another user, who may still read what is root's.
const { getuid = () => 1 } = process
const CAPABILITIES = '-all,+dac_override'
const AS_NOBODY = getuid() === 0 ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', `--inh-caps=${CAPABILITIES}`, `--ambient-caps=${CAPABILITIES}`] : []

// A server has its threads for files by then; one that cannot make them is ended by Node itself (SIGABRT).
const SERVER = `import { stat } from 'node:fs/promises'
import { command } from './lib/builds/builders/command.js'
import { isolated } from './lib/builds/builders/isolated.js'
const builders = { command: command('echo built'), isolated: isolated(process.argv[2]) }
const request = { id: 'a', reason: 'manual', cwd: '/', changed: [], incremental: false }
process.on('message', async name => {
  const told = []
  process.send({ told, result: await builders[name].build(request, { signal: new AbortController().signal, log: text => told.push(text), progress () {} }) })
})
await stat('/')
process.send('ready')`

interface Answer { readonly told: string[], readonly result: BuildResult }

test('command() and isolated(): without a new process from the system the build fails with the reason, and the next one runs', onLinux, async t => {
  const server = join(library, 'limited.mjs')
  const module = join(library, 'module.mjs')
  writeFileSync(server, SERVER)
  writeFileSync(module, 'export default () => ({ meta: { pid: process.pid } })')
  const [program, ...rest] = [...AS_NOBODY, process.execPath, server, module] as unknown as [string, ...string[]]
  const child = spawn(program, rest, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  t.teardown(() => child.kill('SIGKILL'))
  await once(child, 'message')
  const limit = (count: string) => {
    const [setter, ...words] = [...AS_NOBODY, 'prlimit', `--pid=${child.pid}`, `--nproc=${count}:`] as unknown as [string, ...string[]]
    execFileSync(setter, words)
  }
  const ask = async (name: string): Promise<Answer> => {
    child.send(name)
    const [answer] = await once(child, 'message') as [Answer]
    return answer
  }

  const [, most = ''] = /^Max processes +\w+ +(\w+)/m.exec(readFileSync(`/proc/${child.pid}/limits`, 'latin1')) ?? []
  limit('1')
  t.match(await ask('command'), { result: { ok: false, diagnostics: [{ message: /the system gives no new process \(EAGAIN\).*raise the limit/ }] } })
  t.match(await ask('isolated'), { result: { ok: false, diagnostics: [{ message: /the system gives no process: .*EAGAIN.*raise the limit/ }] } })
  limit(most)
  t.match(await ask('command'), { result: { ok: true, output: 'built\n' } })
  const { result } = await ask('isolated')
  t.match(result, { ok: true })
  t.not(result.meta?.pid, child.pid, 'in a process of its own')
})
