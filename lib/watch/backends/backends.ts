// Every watcher backend. All fall back to `poll`, which works wherever files can be read.
import type { BackendName } from '../../../types/options.js'
import type { Clock } from '../../shared/clock.js'
import type { WatchBackend } from './backend.js'
import { createNative } from './native.js'
import { createPoll } from './poll.js'

export type Backends = Readonly<Record<BackendName, WatchBackend>>

/** What `backend: 'auto'` tries first. */
export const PREFERRED: BackendName = 'native'

export function createBackends (clock: Clock): Backends {
  return { native: createNative(), poll: createPoll(clock) }
}
