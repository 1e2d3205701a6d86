import type { LiveReload } from './live-reload.js'

declare module 'fastify' {
  interface FastifyInstance {
    /** Live reload, for the app and its plugins. */
    liveReload: LiveReload
  }
  interface FastifyContextConfig {
    /** `false`: replies of this route are never changed. @default true */
    liveReload?: boolean
  }
}
