// `fastify-live-reload/testing`: for tests of apps, of builders, and of what waits by a clock.
export type * from '../../../types/fastify.js'

export { applied, connect, type AppliedOptions, type Connection } from './app.js'
export { testBackend, type BackendSubject } from './backend.js'
export type { BackendHandle, BackendOptions, HintListener, WatchBackend } from '../../watch/backends/backend.js'
export { contextOf, requestOf, testBuilder, type Behaviour, type BuilderSubject, type Listening } from './builder.js'
export { change, type ChangeOptions } from './change.js'
export { manualClock, type ManualClock } from './clock.js'
export type { Runner } from './wait.js'
