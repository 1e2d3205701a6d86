import type { Hot } from './hot-plugins.js'
import type { LiveReload, ReplyLiveReload } from './live-reload.js'

declare module 'fastify' {
  interface FastifyInstance {
    /** Live reload, for the app and its plugins. */
    liveReload: LiveReload
    /** In the plugins of the option `plugins`, and nowhere else. */
    hot: Hot
  }
  interface FastifyRequest {
    /** True for a request to a route of the plugin, from the first hook on: hooks of the app that guard or count may pass it. */
    readonly isLiveReload: boolean
  }
  interface FastifyReply {
    /** Live reload of the page that is replied. */
    readonly liveReload: ReplyLiveReload
  }
  interface FastifyContextConfig {
    /** `false`: replies of this route are never changed. @default true */
    liveReload?: boolean
    /** `false`: documents of this route get no import map. @default true */
    importMap?: boolean
  }
}
