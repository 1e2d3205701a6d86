import type { Hot } from './hot-plugins.js'
import type { LiveReload } from './live-reload.js'

declare module 'fastify' {
  interface FastifyInstance {
    /** Live reload, for the app and its plugins. */
    liveReload: LiveReload
    /** In the plugins of the option `plugins`, and nowhere else. */
    hot: Hot
  }
  interface FastifyContextConfig {
    /** `false`: replies of this route are never changed. @default true */
    liveReload?: boolean
  }
}
