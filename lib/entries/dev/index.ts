// The entry `fastify-live-reload/dev`: starts an app on a developer's machine.
export { listen } from './listen.js'
export type { ListenOptions } from './options.js'
export type { Listening, ListeningApp } from './listen.js'
export type { TakenPort } from './ports.js'
export type { PortHolder } from './holder.js'
