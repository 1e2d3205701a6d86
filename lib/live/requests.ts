// Follows the requests of the app: what was done and undone on disk counts as a change only if something may have been made from it meanwhile.
import type { FastifyInstance, FastifyReply } from 'fastify'

/** Replies that never pass the hooks, because they were hijacked or broken off, are forgotten when there are so many. */
const MAX_OPEN = 1000

export class Requests {
  readonly #open = new Set<FastifyReply>()
  #repliedAt = -Infinity

  /** `own`: begins the paths of the plugin's own routes. Nothing on disk goes into those. */
  constructor (app: FastifyInstance, own: string) {
    app.addHook('onRequest', (request, reply, done) => {
      if (!request.raw.url?.startsWith(own)) this.#open.add(reply)
      if (this.#open.size > MAX_OPEN) this.#forgetEnded()
      done()
    })
    app.addHook('onSend', (_request, reply, _payload, done) => {
      if (this.#open.delete(reply)) this.#repliedAt = performance.now()
      done()
    })
  }

  /** True when a reply was made since then, or is being made. */
  usedSince (at: number): boolean {
    this.#forgetEnded()
    return this.#open.size > 0 || this.#repliedAt >= at
  }

  #forgetEnded (): void {
    for (const reply of this.#open) if (reply.sent || reply.raw.headersSent || reply.raw.destroyed) this.#open.delete(reply)
  }
}
