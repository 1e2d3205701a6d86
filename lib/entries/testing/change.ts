// A watcher in the hands of a test: it says what changed, and no file has to.
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FastifyInstance } from 'fastify'
import type { ChangeType } from '../../../types/change.js'
import type { ServerMessage } from '../../../types/message.js'
import { DRIVER, type Driver } from '../../shared/watching/driver.js'
import { TIMEOUT_MS, within } from './wait.js'

export interface ChangeOptions {
  /** What happened to the files. @default 'update' */
  readonly type?: ChangeType
  /** Milliseconds. @default 10_000 */
  readonly timeout?: number
}

/**
 * Does what the app does when these files change. The disk stays as it is, and no event has to come.
 * Settles when builds have ended and listeners of `app.liveReload.watch()` have returned, with all that tabs were told until then: nothing for files that are ignored.
 * @param paths Absolute, or relative to the working directory. The files need not exist.
 * @throws when one is below nothing that the app watches, or what follows does not end in time.
 */
export async function change (app: FastifyInstance, paths: string | URL | readonly (string | URL)[], { type = 'update', timeout = TIMEOUT_MS }: ChangeOptions = {}): Promise<readonly ServerMessage[]> {
  const live = app.liveReload
  const driver = Reflect.get(live, DRIVER) as Driver | undefined
  if (driver === undefined) throw new Error('change() needs an app with live reload turned on, in a single process')
  await app.ready()
  await within(timeout, 'everything is watched and built', live.ready)
  const told: ServerMessage[] = []
  const undo = live.on('send', ({ message }) => { told.push(message) })
  try {
    const seen = performance.now()
    const outside = driver.report([paths].flat().map(path => ({ path: resolve(typeof path === 'string' ? path : fileURLToPath(path)), type, seen })))
    if (outside.length > 0) throw new Error(`nothing is watched at ${outside.join(', ')}`)
    await within(timeout, 'builds and listeners have ended', driver.settled())
    return told
  } finally {
    undo()
  }
}
