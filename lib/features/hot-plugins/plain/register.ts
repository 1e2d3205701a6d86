// Plain registration: in production, and where this Fastify is not known. The same plugins in the same order, and no machinery.
import { pathToFileURL } from 'node:url'
import type { FastifyInstance } from 'fastify'
import type { PluginSettings } from '../../../options/settings.js'
import { createHot } from '../state/hot.js'
import { PluginState } from '../state/kept.js'
import { Shared } from '../state/shared.js'
import { discover, type PluginFile } from './discover.js'
import { readPlugin } from './plugin-module.js'

/** Registers every plugin of these directories, each in a scope of its own with an inert `fastify.hot`. */
export function registerPlain (app: FastifyInstance, all: readonly PluginSettings[]): void {
  const shared = new Shared()
  for (const settings of all) {
    for (const file of discover(settings.dir)) app.register(async scope => registerOne(scope, file, settings, shared))
  }
}

async function registerOne (scope: FastifyInstance, file: PluginFile, { options }: PluginSettings, shared: Shared): Promise<void> {
  const state = new PluginState()
  const { hot, trade, setReason } = createHot(file.name, 1, state, shared)
  scope.decorate('hot', hot)
  // Hooks run in the reverse order: this one after those of the plugin.
  scope.addHook('onClose', () => state.dispose((err, key) => scope.log.error({ err }, `the hot plugin ${file.name} did not dispose of ${key}`)))
  const { plugin, optionsFor } = readPlugin(file, await import(pathToFileURL(file.file).href) as Record<string, unknown>)
  await scope.register(plugin, optionsFor(scope, options))
  shared.publish(file.name, trade)
  scope.addHook('onClose', async () => setReason('close'))
}
