// Serves every root by @fastify/static: a scope and a route for each prefix.
import fastifyStatic, { type FastifyStaticOptions } from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import { errors } from '../errors.js'
import type { RootSettings, Settings } from '../options/settings.js'
import { shortenPath } from '../shared/paths.js'
import { createFallback, type FallbackParts } from './fallback.js'
import { guardListings } from './listing.js'
import { optionsOf, type Served } from './options.js'
import { nameMissingFiles } from './missing.js'
import { followReplacedFiles } from './replaced.js'
import { readRoot } from './static-root.js'
import { redirectToRoots } from './trailing-slash.js'

export interface StaticParts extends Pick<FallbackParts, 'hostGate' | 'waitForFirstBuilds' | 'stampsPages'> {
  /** Called for every file that is sent. */
  readonly served?: Served
}

/** @throws FST_LIVE_RELOAD_DUPLICATE when the app has a route in the same place, whichever comes first. */
export async function serveRoots (app: FastifyInstance, settings: Settings, parts: StaticParts): Promise<void> {
  const redirectToRoot = redirectToRoots(app, settings.roots, parts.hostGate)
  // In production nothing writes the files while they are served.
  const expect = settings.enabled ? followReplacedFiles(app) : () => {}
  if (settings.enabled && settings.roots.length > 0 && settings.update.scope === 'affected') nameMissingFiles(app)
  for (const group of groupByPrefix(settings.roots)) {
    const [root] = group as [RootSettings]
    const roots = group.map(readRoot)
    const options = optionsOf(group, roots, settings, app.prefix, { expect, ...parts })
    await app.register(async scope => {
      if (root.list === true) guardListings(scope)
      const answer = createFallback(roots, { ...parts, redirectToRoot, options })
      scope.addHook('onRoute', route => {
        const { handler } = route
        route.handler = function (request, reply) { return answer(request, reply, () => handler.call(this, request, reply)) }
      })
      try {
        await scope.register(fastifyStatic, options as FastifyStaticOptions)
      } catch (error) {
        throw (error as NodeJS.ErrnoException).code === 'FST_ERR_DUPLICATED_ROUTE' ? taken(root, settings) : error
      }
    })
    guardPlace(app, root, settings)
  }
}

/** A root with constraints has a route of its own. */
function groupByPrefix (roots: readonly RootSettings[]): RootSettings[][] {
  const groups = new Map<unknown, RootSettings[]>()
  for (const root of roots) {
    const key = root.static.constraints === undefined ? root.prefix : root
    groups.set(key, [...groups.get(key) ?? [], root])
  }
  return [...groups.values()]
}

/** A later route of the app in our place would fail without a word about this plugin. */
function guardPlace (app: FastifyInstance, root: RootSettings, settings: Settings): void {
  if (root.static.constraints !== undefined) return
  const url = app.prefix + root.prefix + '*'
  // The router takes them for the same.
  const urls = url === '/*' ? [url, '*'] : [url]
  app.addHook('onRoute', route => {
    const methods = [route.method].flat()
    if (urls.includes(route.url) && (methods.includes('GET') || methods.includes('HEAD')) && Object.keys(route.constraints ?? {}).length === 0) throw taken(root, settings)
  })
}

/** What an app serves itself needs no root: changes in `watch` are shown in its pages all the same. */
function taken (root: RootSettings, { cwd, roots, watch }: Settings): Error {
  const paths = [...roots.map(({ path }) => path), ...watch].map(path => `'${shortenPath(cwd, path)}'`).join(', ')
  return new errors.FST_LIVE_RELOAD_DUPLICATE(`the app has a route ${root.prefix}* of its own, as @fastify/static registers one; keep it, and give the plugin \`watch: [${paths}]\` instead of \`root\`: pages reload and style sheets are updated in place all the same`)
}
