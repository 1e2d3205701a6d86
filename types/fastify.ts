import type { FastifyRequest } from 'fastify'
import type { BuildResult } from './build.js'
import type { ClientInfo } from './transport.js'
import type { LiveReloadEvent, LiveReloadListener } from './observe.js'
import type { LiveReloadStatus, Save } from './status.js'

/** `app.liveReload`. With `enabled: false` every verb is there and does nothing. */
export interface LiveReload {
  readonly enabled: boolean
  /** Connections now open. */
  readonly clients: number
  /** Settles when everything is watched and the first builds have ended, whatever their outcome. Never rejects. They begin with `app.ready()` or `app.listen()`: awaited before, it never settles. */
  readonly ready: Promise<void>
  /** Reloads every tab. `paths` are shown to people. */
  reload (paths?: readonly string[]): void
  /** Runs one pipeline, or all. @throws FST_LIVE_RELOAD_NO_SUCH_BUILD for an unknown name. */
  build (name?: string): Promise<BuildResult[]>
  /** Changes are gathered and told on `resume()`. */
  pause (): void
  resume (): void
  /** The script tag, for replies that bypass Fastify's hooks (`reply.hijack()`); empty when off. `nonce`: of the page's policy; `xml`: for XHTML and SVG. */
  tag (request?: FastifyRequest, form?: { nonce?: string, xml?: boolean }): string
  status (): LiveReloadStatus
  connections (): ClientInfo[]
  /** The last saves with their times, the newest first. */
  saves (): Save[]
  /** Returns its own undo. A listener that throws is logged. */
  on<E extends LiveReloadEvent> (event: E, listener: LiveReloadListener<E>): () => void
}

declare module 'fastify' {
  interface FastifyInstance {
    liveReload: LiveReload
  }
  interface FastifyContextConfig {
    /** `false`: replies of this route are never changed. */
    liveReload?: boolean
  }
}
