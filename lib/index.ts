// The plugin: options -> core -> the features that are on.
import fp from 'fastify-plugin'
import type { FastifyInstance } from 'fastify'
import type { LiveReloadOptions } from '../types/options.js'
import { command } from './builds/builders/command.js'
import { inProcess } from './builds/builders/in-process.js'
import { isolated } from './builds/builders/isolated.js'
import { staged } from './builds/builders/staging.js'
import { steps } from './builds/builders/steps.js'
import { errors } from './errors.js'
import { createInert, INERT_REPLY } from './live/inert.js'
import { parseOptions } from './options/parse.js'
import type { Settings } from './options/settings.js'
import { logOf } from './shared/feature.js'
import { serverLog } from './shared/messages/server-log.js'

export type * from '../types/index.js'
export type { IsolatedModule, IsolatedOptions } from './builds/builders/isolated.js'
export type { CommandOptions } from './builds/builders/command.js'
export type { LogDestination } from './shared/messages/server-log.js'
export { command, errors, inProcess, isolated, serverLog, staged, steps }

async function plugin (app: FastifyInstance, options: LiveReloadOptions): Promise<void> {
  if (app.hasDecorator('liveReload')) throw new errors.FST_LIVE_RELOAD_DUPLICATE('the plugin is registered twice; register it once, with an array of `root` or `build`')
  const settings = parseOptions(options)
  const remember = refuseTwice(app, settings)
  // On and off. First, so that the other hooks see a page with its map.
  if (settings.importMap.length > 0) await mapLibraries(app, settings)
  if (!settings.enabled) {
    reportOff(app, options.enabled)
    await serveFilesOnly(app, settings)
    return remember()
  }
  const { startCore, registerFeatures } = await import('./features/index.js')
  await startCore(app, settings, () => registerFeatures(app, settings))
  remember()
}

/** By the app itself, which all of its scopes inherit from: where the plugin is registered, and the path of its routes when it is on. */
const registered = new WeakMap<object, { readonly scope: FastifyInstance, readonly path: string | undefined }[]>()

/** Sibling scopes may have it, each with a path of its own. Returns what to call when the registration has succeeded: after one that failed the app may try again. */
function refuseTwice (app: FastifyInstance, { enabled, path: own }: Settings): () => void {
  const all = registered.get(app.initialConfig) ?? []
  const below = all.find(({ scope }) => Object.prototype.isPrototypeOf.call(app, scope))
  if (below !== undefined) throw new errors.FST_LIVE_RELOAD_DUPLICATE(`the plugin is registered in a scope already${below.scope.prefix === app.prefix ? '' : ` (prefix ${below.scope.prefix})`}, and now in the app around it; register it once, in the app`)
  const path = enabled ? app.prefix + own : undefined
  if (path !== undefined && all.some(each => each.path === path)) throw new errors.FST_LIVE_RELOAD_DUPLICATE(`two scopes register the plugin with its routes at ${path}; give one of them another \`path\`, or register it once, in the app`)
  return () => { registered.set(app.initialConfig, [...all, { scope: app, path }]) }
}

async function mapLibraries (app: FastifyInstance, settings: Settings): Promise<void> {
  const [{ serveLibraries }, { addImportMap }] = await Promise.all([import('./features/import-map/index.js'), import('./inject/import-map/hook.js')])
  addImportMap(app, { ...await serveLibraries(app, settings), log: logOf(app) })
}

/** An `.env` file may say `production` where nobody means it: somebody at a terminal is warned. */
function reportOff (app: FastifyInstance, enabled: boolean | undefined): void {
  const log = logOf(app)
  if (process.env.LIVE_RELOAD) return log.info('live reload: off, because LIVE_RELOAD is 0')
  if (enabled !== undefined) return log.info('live reload: off, because of `enabled: false`')
  log[process.stdout.isTTY ? 'warn' : 'info']('live reload: off, because NODE_ENV is production; `enabled: true` turns it on')
}

/** Off: nothing of watching, building, sending or injecting is even loaded. */
async function serveFilesOnly (app: FastifyInstance, settings: Settings): Promise<void> {
  app.decorate('liveReload', createInert(app.prefix + settings.path))
  app.decorateRequest('isLiveReload', false)
  app.decorateReply('liveReload', { getter: () => INERT_REPLY })
  if (settings.roots.length > 0) {
    const { serveRoots } = await import('./static/roots.js')
    await serveRoots(app, settings, { hostGate: () => ({ ok: true }), stampsPages: () => settings.importMap.length > 0 })
  }
  if (settings.plugins.length > 0) {
    const { registerPlain } = await import('./features/hot-plugins/plain/register.js')
    registerPlain(app, settings.plugins)
  }
}

/** Live reload for a Fastify 5 app. `require()` returns this function alone, so it carries the other exports. */
export const liveReload = Object.assign(fp(plugin, { name: 'fastify-live-reload', fastify: '5.x' }), { command, errors, inProcess, isolated, serverLog, staged, steps })
// As compilers of `import` to `require()` expect it.
Object.assign(liveReload, { default: liveReload, liveReload })
export default liveReload
export { liveReload as 'module.exports' }
