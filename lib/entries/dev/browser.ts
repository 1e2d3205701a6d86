// Opens the browser once: not again when the server restarts, and not beside a tab that is open.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { FastifyBaseLogger } from 'fastify'
import type { LiveReload } from '../../../types/live-reload.js'
import { isSupervised, type Process } from '../../shared/command-line/supervised.js'
import type { Clock } from '../../shared/clock.js'
import { loadPackage, type Load } from './packages.js'

/** Starts the browser. The process it started has ended with another code than 0 when that failed. */
export type Opener = (url: string) => Promise<{ once (event: 'exit', listener: (code: number | null) => void): unknown }>

export interface OpenParts {
  readonly url: string
  /** Kept from one start to the next. */
  readonly mark: string
  /** The process that restarts this one; `undefined` when none does. */
  readonly supervisor: number | undefined
  readonly live: Pick<LiveReload, 'clients' | 'on'> | undefined
  readonly open: Opener
  /** False once the app has closed. */
  readonly isListening: () => boolean
  readonly log: Pick<FastifyBaseLogger, 'debug' | 'info' | 'warn'>
  readonly clock: Clock
}

/** A tab that lost its server tries again after two seconds at the latest. */
const TAB_MS = 2_500

/** @throws FST_LIVE_RELOAD_NO_PACKAGE */
export async function loadOpener (load?: Load): Promise<Opener> {
  return (await loadPackage<{ default: Opener }>('listen({ open })', 'open', load)).default
}

/** The process that restarts this one, as far as that can be told. */
export function supervisorOf (one: Process & Pick<NodeJS.Process, 'ppid'>): number | undefined {
  return isSupervised(one) ? one.ppid : undefined
}

/** What did not go well is said in the log. */
export async function openOnce ({ url, mark, supervisor, live, open, isListening, log, clock }: OpenParts): Promise<void> {
  const last = await readFile(mark, 'utf8').catch(() => undefined)
  const now = String(supervisor ?? '')
  if (supervisor !== undefined && last === now) {
    log.debug('live reload: a watcher restarted the server, so the browser was not opened again')
    return
  }
  await write(mark, now)
  // Only a start after another one can meet an open tab.
  if (last !== undefined && live !== undefined && await hasTab(live, clock)) {
    log.info('live reload: a tab is open, so the browser was not opened again')
    return
  }
  if (!isListening()) return
  const failed = (reason: string): void => log.warn(`live reload: the browser could not be opened (${reason}): open ${url} yourself`)
  try {
    const started = await open(url)
    started.once('exit', code => { if (code !== 0 && code !== null) failed(`exit code ${code}`) })
  } catch (error) {
    failed((error as Error).message)
  }
}

function hasTab (live: Pick<LiveReload, 'clients' | 'on'>, clock: Clock): Promise<boolean> {
  if (live.clients > 0) return Promise.resolve(true)
  return new Promise(resolve => {
    const settle = (isOpen: boolean): void => {
      undo()
      cancel()
      resolve(isOpen)
    }
    const undo = live.on('connect', () => settle(true))
    const cancel = clock.after(TAB_MS, () => settle(false))
  })
}

/** Where nothing can be written, the browser may open once too often. */
async function write (mark: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(mark), { recursive: true })
    await writeFile(mark, text)
  } catch {}
}
