// Warm children: one more than may work at a time, so that a build that has to be killed is replaced at once.
import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Executor, Task, TaskError, TaskOptions } from '../../../types/executor.js'
import { isTaskError, taskError } from './failure.js'
import { createMember, type Member } from './member.js'
import type { Transport } from './peer.js'
import { createSlots } from './slots.js'
import { createSources } from './sources.js'
import { locateSyntaxError } from './syntax.js'

export interface PoolParts {
  readonly kind: 'process' | 'thread'
  readonly transport: Transport
  /** Tasks at the same time. @default 1 */
  readonly size?: number | undefined
  /** A child is replaced after so many tasks. @default 200 */
  readonly maxTasks?: number | undefined
  /** A child that holds more bytes is replaced. @default 1 GiB */
  readonly maxRss?: number | undefined
  readonly log?: ((text: string) => void) | undefined
}

/** Children that die before they did anything are started ahead only so often: a module that crashes when it is loaded would start them for ever. */
const MAX_EARLY_DEATHS = 3
/** The spare is started a moment after the first task, so that both do not share the processor. */
const SPARE_AFTER = 150

export function createPool ({ kind, transport, size = 1, maxTasks = 200, maxRss = 1024 ** 3, log = () => {} }: PoolParts): Executor {
  const dir = join(tmpdir(), `live-reload-${randomBytes(8).toString('hex')}`)
  const members = new Set<Member>()
  const slots = createSlots(size)
  const sources = createSources()
  let newest: { file: string, loaded: string } | undefined
  let earlyDeaths = 0
  let spare: NodeJS.Timeout | undefined
  let closing: Promise<void> | undefined

  function add (): Member {
    try {
      const member = createMember({
        transport,
        dir,
        stray: diagnostic => log(`a build threw after its end: ${diagnostic.message}`),
        ended (member, idle) {
          members.delete(member)
          if (idle && member.tasks === 0) earlyDeaths++
        }
      })
      members.add(member)
      return member
    } catch (error) {
      throw Object.assign(taskError('EXECUTOR_UNAVAILABLE', `the system gives no ${kind}: ${(error as Error).message}`), { cause: error })
    }
  }

  function take (file: string, loaded: string): Member {
    newest = { file, loaded }
    const idle = [...members].filter(member => !member.busy)
    for (const member of idle) if (member.loaded !== undefined && member.loaded !== loaded) retire(member)
    const free = idle.filter(member => members.has(member))
    return free.find(member => member.loaded === loaded) ?? free[0] ?? add()
  }

  function retire (member: Member): void {
    members.delete(member)
    member.stop()
  }

  function fill (): void {
    clearTimeout(spare)
    spare = undefined
    try {
      const wanted = closing === undefined && earlyDeaths < MAX_EARLY_DEATHS ? size + 1 : 0
      while (members.size < wanted) {
        const member = add()
        if (newest !== undefined) member.load(newest.file, newest.loaded)
      }
    } catch {
      // The task that needs it will say so.
    }
  }

  async function attempt (task: Task, options: TaskOptions): Promise<unknown> {
    const loaded = `${task.file}\n${await sources.version(task.file)}`
    options.signal?.throwIfAborted()
    if (closing !== undefined) throw CLOSED()
    const member = take(task.file, loaded)
    spare ??= setTimeout(fill, SPARE_AFTER).unref()
    try {
      const value = await member.run(task, loaded, options)
      earlyDeaths = 0
      return value
    } finally {
      if (members.has(member) && (member.tasks >= maxTasks || member.rss > maxRss)) {
        retire(member)
        fill()
      }
    }
  }

  return {
    kind,
    size,

    async run (task, options = {}) {
      const free = await slots.take(options.signal)
      try {
        return await attempt(task, options)
      } catch (error) {
        throw isSyntaxError(error) ? await located(error, await sources.files(task.file)) : error
      } finally {
        free()
      }
    },

    warm (file) {
      if (file === undefined) return fill()
      sources.version(file).then(version => {
        newest ??= { file, loaded: `${file}\n${version}` }
        fill()
      })
    },

    close () {
      closing ??= (async () => {
        clearTimeout(spare)
        slots.close(CLOSED)
        for (const member of members) member.busy ? member.kill() : member.stop()
        await transport.close()
        await rm(dir, { recursive: true, force: true })
      })()
      return closing
    }
  }
}

const CLOSED = () => taskError('EXECUTOR_CLOSED', 'not built: the app closes')

function isSyntaxError (error: unknown): error is TaskError & { syntax: true } {
  return isTaskError(error) && 'syntax' in error && error.diagnostic.file === undefined
}

async function located (error: TaskError, files: readonly string[]): Promise<TaskError> {
  const place = await locateSyntaxError(files)
  return place === undefined ? error : taskError(error.code, { ...error.diagnostic, ...place })
}
