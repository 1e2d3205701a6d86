// The `Fastify()` that made the app: a process may hold several copies of the package, and their instances do not mix.
import { createRequire } from 'node:module'
import { basename } from 'node:path'
import type { FastifyInstance } from 'fastify'
import type { Internals } from './internals.js'

export type Factory = (options: object) => FastifyInstance

const require = createRequire(import.meta.url)

/** `undefined` when it is not found: the app is bundled, or its Fastify was loaded in another way. */
export async function findFactory (internals: Internals): Promise<Factory | undefined> {
  const loaded = Object.entries(require.cache).flatMap(([file, module]) => basename(file) === 'fastify.js' ? [module?.exports as unknown] : [])
  const own = await import('fastify').then(module => module.default as unknown, () => undefined)
  return [own, ...loaded].find((one): one is Factory => isFactory(one) && internals.knows(one({})))
}

function isFactory (value: unknown): value is Factory {
  return typeof value === 'function' && Reflect.get(value, 'fastify') === value
}
