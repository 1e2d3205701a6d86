// Serves every root by @fastify/static: a scope and a route for each prefix.
import fastifyStatic, { type FastifyStaticOptions } from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import { errors } from '../errors.js'
import type { RootSettings, Settings } from '../options/settings.js'
import { createFallback, type FallbackParts } from './fallback.js'
import { optionsOf, type Served } from './options.js'
import { endRepliesOfReplacedFiles } from './replaced.js'
import { readRoot } from './static-root.js'
import { redirectToRoots } from './trailing-slash.js'

export interface StaticParts extends Pick<FallbackParts, 'hostGate' | 'built' | 'stampsPages'> {
  /** Called for every file that is sent. */
  readonly served?: Served
}

/** @throws FST_LIVE_RELOAD_DUPLICATE when the app has a route in the same place, whichever comes first. */
export async function serveRoots (app: FastifyInstance, settings: Settings, parts: StaticParts): Promise<void> {
  const redirectToRoot = redirectToRoots(app, settings.roots, parts.hostGate)
  // In production nothing writes the files while they are served.
  const expect = settings.enabled ? endRepliesOfReplacedFiles(app) : () => {}
  for (const group of groupByPrefix(settings.roots)) {
    const [root] = group as [RootSettings]
    const roots = group.map(readRoot)
    const options = optionsOf(group, roots, settings, app.prefix, { expect, ...parts })
    await app.register(async scope => {
      scope.addHook('preHandler', createFallback(roots, { ...parts, redirectToRoot, options }))
      try {
        await scope.register(fastifyStatic, options as FastifyStaticOptions)
      } catch (error) {
        throw (error as NodeJS.ErrnoException).code === 'FST_ERR_DUPLICATED_ROUTE' ? taken(root) : error
      }
    })
    guardPlace(app, root)
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
function guardPlace (app: FastifyInstance, root: RootSettings): void {
  if (root.static.constraints !== undefined) return
  const url = app.prefix + root.prefix + '*'
  app.addHook('onRoute', route => {
    const methods = [route.method].flat()
    if (route.url === url && (methods.includes('GET') || methods.includes('HEAD')) && Object.keys(route.constraints ?? {}).length === 0) throw taken(root)
  })
}

function taken (root: RootSettings): Error {
  return new errors.FST_LIVE_RELOAD_DUPLICATE(`the app has a route ${root.prefix}* of its own (@fastify/static registers one too); give the option \`root\` another \`prefix\`, or remove that route`)
}
