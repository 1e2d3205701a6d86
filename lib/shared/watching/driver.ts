// How the test kit drives the watches of an app. A symbol, because it is no part of `app.liveReload` that apps may use.
import type { Change } from '../../../types/change.js'

export interface Driver {
  /** Reports changes as the watches do, whatever the disk holds: what they ignore is not reported. Returns the paths that are below nothing they watch. */
  report (changes: readonly Change[]): readonly string[]
  /** Settles when listeners of watches have returned, and builds have ended. */
  settled (): Promise<void>
}

/** Of the registry: kit and plugin are bundled apart. */
export const DRIVER = Symbol.for('fastify-live-reload.driver')
