// Libraries that npm has installed, for pages: finds their files, and serves these and no others. In production as well.
import { extname } from 'node:path'
import type { FastifyInstance } from 'fastify'
import type { Settings } from '../../options/settings.js'
import { TEXT_HEADERS } from '../../shared/own-routes.js'
import { mapLibraries, type LibraryMap } from './map.js'
import { prepareLexer, TYPES } from './module.js'
import { traceLibraries } from './trace.js'

export interface ServedLibraries {
  /** The address of their files. */
  readonly base: string
  readonly map: LibraryMap
}

const PREFIX = '/__libraries/'

/** Reads the files once: what was installed since is found by the next start. @throws FST_LIVE_RELOAD_INVALID_LIBRARY */
export async function serveLibraries (app: FastifyInstance, { importMap, cwd, enabled }: Pick<Settings, 'importMap' | 'cwd' | 'enabled'>): Promise<ServedLibraries> {
  await prepareLexer()
  const base = `${app.prefix}${PREFIX}`
  const { map, files } = mapLibraries(traceLibraries(importMap, { cwd, development: enabled }), base, cwd)
  app.route({
    method: ['GET', 'HEAD'],
    url: `${PREFIX}*`,
    logLevel: 'warn',
    schema: { hide: true } as object,
    config: { liveReload: false },
    handler ({ params }, reply) {
      const { '*': path } = params as { '*': string }
      const content = files.get(path)
      // From memory: no path of a request ever reaches the disk.
      if (content === undefined) return reply.code(404).headers({ ...TEXT_HEADERS, 'cache-control': 'no-store' }).send('live reload: no library of `importMap` has this file')
      return reply.headers({ 'content-type': TYPES[extname(path)], 'cache-control': 'public, max-age=31536000, immutable', 'x-content-type-options': 'nosniff' }).send(content)
    }
  })
  return { base, map }
}
