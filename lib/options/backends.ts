// Every watcher backend by the name that options give it. The compiler reports one that is missing here.
import type { BackendName } from '../../types/options.js'

const NAMES: Readonly<Record<BackendName, true>> = { native: true, poll: true }

/** What the option `backend` may be. */
export const BACKEND_CHOICES = ['auto', ...Object.keys(NAMES) as BackendName[]] as const
