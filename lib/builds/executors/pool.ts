// Warm children: one more than may work at a time, so that a build that has to be killed is replaced at once.
import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Executor, Task, TaskError, TaskOptions } from './executor.js'
import { isInnocent, isTaskError, taskError, unavailable } from './failure.js'
import { createMember, type Member } from './member.js'
import type { Transport } from './peer.js'
import { createSlots } from './slots.js'
import { createSources, isStale, type Stamps } from './sources.js'
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
  let newest: { file: string, stamps: Stamps } | undefined
  let earlyDeaths = 0
  let spare: NodeJS.Timeout | undefined
  let closing: Promise<void> | undefined

  function add (): Member {
    try {
      const member = createMember({
        transport,
        dir,
        stray: diagnostic => log(`a build threw after its end: ${diagnostic.message}`),
        leaving: member => members.delete(member),
        ended (member, idle) {
          members.delete(member)
          if (idle && member.tasks === 0) earlyDeaths++
        }
      })
      members.add(member)
      return member
    } catch (error) {
      throw unavailable(kind, error as Error)
    }
  }

  function take (file: string, stamps: Stamps, fresh: boolean): Member {
    newest = { file, stamps }
    const idle = [...members].filter(member => !member.busy)
    for (const member of idle) if (isStale(member.loaded, stamps)) retire(member)
    const free = idle.filter(member => members.has(member))
    if (fresh) return free.find(member => member.tasks === 0) ?? add()
    return free.find(member => member.loaded.has(file)) ?? free[0] ?? add()
  }

  function retire (member: Member): void {
    members.delete(member)
    member.stop()
  }

  function renew (member: Member): void {
    // One that died is replaced before the next build needs it.
    if (!members.has(member) && closing === undefined) fillSoon()
    const spent = member.flooded || member.tasks >= maxTasks || member.rss > maxRss || members.size > size + 1
    if (!members.has(member) || !spent) return
    retire(member)
    fill()
  }

  function fillSoon (): void {
    spare ??= setTimeout(fill, SPARE_AFTER).unref()
  }

  function fill (): void {
    clearTimeout(spare)
    spare = undefined
    try {
      const wanted = closing === undefined && earlyDeaths < MAX_EARLY_DEATHS ? size + 1 : 0
      while (members.size < wanted) {
        const member = add()
        if (newest !== undefined) member.load(newest.file, newest.stamps)
      }
    } catch {
      // The task that needs it will say so.
    }
  }

  async function attempt (task: Task, options: TaskOptions, fresh: boolean): Promise<unknown> {
    const stamps = await sources.stamps(task.file)
    options.signal?.throwIfAborted()
    if (closing !== undefined) throw CLOSED()
    const member = take(task.file, stamps, fresh)
    fillSoon()
    const ended = member.run(task, stamps, options).finally(() => renew(member))
    return ended.then(value => {
      earlyDeaths = 0
      return value
    })
  }

  return {
    kind,
    size,

    async run (task, options = {}) {
      const free = await slots.take(options.signal)
      return attempt(task, options, false)
        .catch(error => isInnocent(error) ? attempt(task, options, true) : Promise.reject(error))
        .catch(async error => { throw isSyntaxError(error) ? await located(error, [...(await sources.stamps(task.file)).keys()]) : error })
        .finally(free)
    },

    warm (file) {
      if (file === undefined) return fill()
      sources.stamps(file).then(stamps => {
        newest ??= { file, stamps }
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
