// Hot plugins: Fastify plugins of a directory that get a new version while the app serves.
import fp from 'fastify-plugin'
import type { FastifyInstance } from 'fastify'
import { clock } from '../../shared/clock.js'
import type { FeatureOptions } from '../../shared/feature.js'
import { LateRoutes } from './dispatch/late.js'
import { RouteTable } from './dispatch/route-table.js'
import { emptyScope, type Target } from './dispatch/stubs.js'
import { findFactory } from './graft/factory.js'
import { pluginTimeoutOf, readInternals } from './graft/internals.js'
import { Graph } from './graph/graph.js'
import { loadEsbuild } from './load/esbuild.js'
import { Loader } from './load/loader.js'
import { Boot } from './manager/boot.js'
import { Journal } from './manager/journal.js'
import { Manager } from './manager/manager.js'
import { Reloader } from './manager/reloader.js'
import { Units } from './manager/units.js'
import { Watcher } from './manager/watcher.js'
import { registerPlain } from './plain/register.js'
import { Shared } from './state/shared.js'
import { Builder } from './swap/builder.js'

export default fp<FeatureOptions>(async (app, options) => {
  const log = app.log.child({ plugin: 'fastify-live-reload' })
  const esbuild = await loadEsbuild()
  const internals = readInternals(app)
  const factory = typeof internals === 'string' ? undefined : await findFactory(internals)
  if (typeof internals === 'string' || factory === undefined) {
    const reason = typeof internals === 'string' ? internals : 'the package that made the app was not found'
    log.warn(`plugins are registered once and not reloaded: Fastify ${app.version} is not known (${reason})`)
    return registerPlain(app, options.settings.plugins)
  }
  start(app, options, { log, esbuild, internals, factory })
})

type Found = Pick<ConstructorParameters<typeof Builder>[0], 'factory' | 'internals'> & Pick<ConstructorParameters<typeof Loader>[0], 'esbuild'> & Pick<ConstructorParameters<typeof Journal>[0], 'log'>

function start (app: FastifyInstance, { live, settings: { plugins, cwd } }: FeatureOptions, { log, esbuild, internals, factory }: Found): void {
  const absent: { target: Target | undefined } = { target: undefined }
  const units = new Units(plugins, { answer: (...request) => absent.target?.answer(...request) })
  const external = new Set(plugins.flatMap(one => one.external))
  const graph = new Graph()
  const loader = new Loader({ esbuild, graph, cwd, external, onFound: () => manager.watchImports() })
  const shared = new Shared()
  const late = new LateRoutes(app, internals)
  const table = new RouteTable(app, internals, late)
  const journal = new Journal({ live, log, cwd, limit: Math.max(...plugins.map(({ history }) => history)) })
  const builder = new Builder({ app, factory, internals, loader, shared, clock, warn: text => journal.warn(text), onError: (error, text) => journal.error(error, text) })
  const reloader = new Reloader({ cwd, units, builder, loader, shared, table, journal, timeout: pluginTimeoutOf(app, internals) })
  const boot = new Boot({ builder, reloader, shared, journal })
  const watched = plugins.filter(({ watch }) => watch)
  const manager = new Manager({ units, reloader, loader, graph, shared, journal, external, createWatcher: onChanges => new Watcher(live, watched.length > 0 ? watched : plugins, onChanges) })

  for (const unit of units) {
    app.register(async scope => {
      emptyScope(scope, internals)
      await boot.mount(unit, version => table.addStubs(scope, unit, version))
    })
  }
  app.register(async scope => {
    emptyScope(scope, internals)
    late.mount(app, scope)
  })
  live.extend('plugins', manager)
  if (watched.length > 0) manager.watch()
  app.addHook('onReady', async () => {
    absent.target = await builder.createAbsent()
    await boot.ready()
    table.plan(units)()
    manager.begin()
  })
  app.addHook('onListen', () => reloader.listen())
  app.addHook('preClose', () => manager.prepareClose())
  app.addHook('onClose', () => reloader.close(boot.versions))
}
