// The entry `fastify-live-reload/views`: pages of @fastify/view name their templates, with what these include.
import { AsyncLocalStorage } from 'node:async_hooks'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { errors, show } from '../../errors.js'
import { ENGINES, type Use } from './engines.js'

/** The page that is being made. */
const pages = new AsyncLocalStorage<FastifyReply>()
const followed = new WeakSet<FastifyInstance>()

/**
 * The option `engine` of @fastify/view, with an engine that tells live reload which templates a page was made from. The given engine stays as it is.
 * @param app The instance that renders, or one of its parents.
 * @throws FST_LIVE_RELOAD_INVALID_OPTION
 */
export function viewFiles<E extends object> (app: FastifyInstance, engine: E): E {
  const [[name, given] = []] = Object.entries(Object(engine)) as [string, unknown][]
  const follow = name === undefined || !Object.hasOwn(ENGINES, name) ? undefined : ENGINES[name as keyof typeof ENGINES]
  if (follow === undefined || Object(given) !== given) throw new errors.FST_LIVE_RELOAD_INVALID_OPTION('viewFiles(app, engine)', `one of ${Object.keys(ENGINES).map(known => `{ ${known} }`).join(', ')}`, show(engine))
  if (!followed.has(app)) {
    followed.add(app)
    app.addHook('onRequest', (_request, reply, done) => pages.run(reply, done))
    // A body that was parsed has left the context of the first hook.
    app.addHook('preValidation', (_request, reply, done) => pages.run(reply, done))
  }
  return { [name as string]: follow(given as never, use) } as E
}

/** Does nothing for what is rendered outside of a reply, and without the plugin. */
const use: Use = path => {
  if (typeof path === 'string' && path !== '') pages.getStore()?.liveReload?.uses(path)
}
