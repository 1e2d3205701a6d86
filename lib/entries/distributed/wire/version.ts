// The version of this library, as its package.json has it.
import { createRequire } from 'node:module'

export const VERSION = (createRequire(import.meta.url)('fastify-live-reload/package.json') as { version: string }).version
