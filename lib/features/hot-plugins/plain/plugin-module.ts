// What a plugin's file exports -> a plugin, its prefix and options.
import type { FastifyInstance, FastifyPluginCallback } from 'fastify'
import type { HotPluginMeta } from '../../../../types/hot-plugins.js'
import { errors, show } from '../../../errors.js'
import type { PluginFile } from './discover.js'

export interface PluginModule {
  readonly plugin: FastifyPluginCallback
  readonly meta: HotPluginMeta
  /** Made with `fastify-plugin`: it would decorate the whole app, but gets a scope of its own as every hot plugin does. */
  readonly skipsScope: boolean
  optionsFor (instance: FastifyInstance, given: Readonly<Record<string, unknown>>): Record<string, unknown>
}

const META = ['displayName', 'version', 'description', 'author'] as const

/** @throws FST_LIVE_RELOAD_INVALID_PLUGIN */
export function readPlugin ({ file, prefix }: PluginFile, namespace: Readonly<Record<string, unknown>>): PluginModule {
  // A CommonJS file comes as `default`; one that was compiled from a module has its own `default` in there.
  const content = isObject(namespace.default) && (typeof namespace.default === 'function' || 'default' in namespace.default) ? { ...namespace, ...namespace.default } : namespace
  const plugin = isObject(namespace.default) && typeof namespace.default.default === 'function' ? namespace.default.default : namespace.default
  if (typeof plugin !== 'function') throw new errors.FST_LIVE_RELOAD_INVALID_PLUGIN(file, `must export a Fastify plugin as default, but exports ${show(plugin)}`)
  const own = readPrefix(file, content)
  return {
    plugin: plugin as FastifyPluginCallback,
    meta: readMeta(content.meta),
    skipsScope: Reflect.get(plugin, Symbol.for('skip-override')) === true,
    optionsFor: (instance, given) => {
      const config = typeof content.autoConfig === 'function' ? (content.autoConfig as (instance: FastifyInstance) => unknown)(instance) : content.autoConfig
      const options: Record<string, unknown> = { ...isObject(config) ? config : {}, ...given }
      const place = own ?? (typeof options.prefix === 'string' ? `${prefix}${options.prefix}` : prefix)
      return { ...options, ...place !== '' && { prefix: place } }
    }
  }
}

function readPrefix (file: string, content: Readonly<Record<string, unknown>>): string | undefined {
  for (const name of ['prefixOverride', 'autoPrefix']) {
    const prefix = content[name]
    if (prefix === undefined) continue
    if (typeof prefix !== 'string') throw new errors.FST_LIVE_RELOAD_INVALID_PLUGIN(file, `must export \`${name}\` as a text, but exports ${show(prefix)}`)
    return prefix === '/' ? '' : prefix
  }
  return undefined
}

function readMeta (raw: unknown): HotPluginMeta {
  if (!isObject(raw)) return {}
  return Object.fromEntries(META.flatMap(name => typeof raw[name] === 'string' ? [[name, raw[name]]] : []))
}

function isObject (value: unknown): value is Record<string, unknown> {
  return (typeof value === 'object' || typeof value === 'function') && value !== null
}
