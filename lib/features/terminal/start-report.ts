// Says in the log how the plugin starts, and what looks like a mistake: silence would leave people guessing.
import { existsSync } from 'node:fs'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import type { LiveReload } from '../../../types/live-reload.js'
import type { Settings } from '../../options/settings.js'
import { shortenPath } from '../../shared/paths.js'

type Reported = Pick<Settings, 'cwd' | 'roots' | 'watch' | 'builds' | 'plugins' | 'backend' | 'pollInterval'>

/** One line when the app listens, and warnings when everything is watched and was built once. */
export function reportStart (app: FastifyInstance, live: LiveReload, settings: Reported, log: FastifyBaseLogger): void {
  let isClosed = false
  const short = (path: string): string => shortenPath(settings.cwd, path)
  const named = [
    ...settings.roots.map(({ path }) => ({ option: 'root', path })),
    ...settings.watch.map(path => ({ option: 'watch', path })),
    ...settings.builds.flatMap(({ source }) => source.map(path => ({ option: 'build.source', path }))),
    ...settings.plugins.filter(({ watch }) => watch).map(({ dir }) => ({ option: 'plugins.dir', path: dir }))
  ]
  app.addHook('preClose', async () => { isClosed = true })
  app.addHook('onListen', async () => {
    const places = [...new Set(named.map(({ path }) => short(path)))].join(', ') || 'nothing'
    const how = settings.backend === 'poll' ? `polling every ${settings.pollInterval} ms` : `${settings.backend === 'auto' ? 'native' : settings.backend} events`
    log.info(`live reload: on, watching ${places} (${how}); status page: ${addressOf(app, live.path)}`)
  })
  live.ready.then(() => {
    if (isClosed) return
    if (live.status().watch.roots.length === 0) log.warn('live reload: nothing is watched. Name what the app serves and reads in `root`, `watch` or `build`')
    for (const { option, path } of named) {
      if (!existsSync(path)) log.warn(`live reload: \`${option}\` names ${short(path)}, which does not exist. It will be watched as soon as it does`)
    }
  })
}

/** As a browser takes it: not every one opens the addresses that stand for all of a machine. */
function addressOf ({ listeningOrigin: origin }: FastifyInstance, path: string): string {
  if (!origin.startsWith('http')) return `${path}/ on ${origin}`
  return `${origin.replace(/(?<=\/\/)(?:0\.0\.0\.0|\[::\])(?=:\d+$)/, 'localhost')}${path}/`
}
