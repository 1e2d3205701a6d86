// The plugin: settings -> stages -> routes -> decorate -> close. It only wires.
import { randomBytes } from 'node:crypto'
import fp from 'fastify-plugin'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { LiveReload } from '../types/fastify.js'
import type { Stamp } from '../types/message.js'
import type { LiveReloadStatus } from '../types/observe.js'
import type { LiveReloadOptions } from '../types/options.js'
import { serveBeacons } from './broadcast/beacon.js'
import { createGate } from './broadcast/gate.js'
import { createHub } from './broadcast/hub.js'
import { guard, knockOf } from './broadcast/guard.js'
import { outward } from './broadcast/outward.js'
import { serveStream } from './broadcast/sse.js'
import { routeUpgrades } from './broadcast/upgrade.js'
import { serveSocket } from './broadcast/websocket.js'
import { command } from './build/command.js'
import { inProcess } from './build/in-process.js'
import { isolated } from './build/isolated.js'
import { staged } from './build/staging.js'
import { steps } from './build/steps.js'
import { errors } from './errors.js'
import { addInjection } from './inject/hook.js'
import { createTag } from './inject/tag.js'
import { createEvents } from './observe/events.js'
import { doubt, serveHealth, worst } from './observe/health.js'
import { createInert } from './observe/inert.js'
import { createTerminal } from './observe/terminal.js'
import { parseOptions, type Settings } from './options.js'
import { createPipeline } from './pipeline.js'
import { clientHash, serveClient } from './serve/client.js'
import { serveEditor } from './serve/editor.js'
import { serveRoots } from './serve/roots.js'

export type * from '../types/index.js'
export type { IsolatedModule, IsolatedOptions } from './build/isolated.js'
export type { CommandOptions } from './build/command.js'
export { command, errors, inProcess, isolated, staged, steps }

async function plugin (app: FastifyInstance, options: LiveReloadOptions): Promise<void> {
  if (app.hasDecorator('liveReload')) throw new errors.FST_LIVE_RELOAD_DUPLICATE('the plugin is registered twice; register it once, with an array of `root` or `build`')
  const settings = parseOptions(options)
  const terminal = createTerminal(app.log.child({ plugin: 'fastify-live-reload' }))
  const { log } = terminal
  if (!settings.enabled) {
    app.decorate('liveReload', createInert())
    await serveRoots(app, settings, { hostGate: () => ({ ok: true }) })
    return
  }

  const epoch = randomBytes(9).toString('base64url')
  const token = randomBytes(18).toString('base64url')
  const base = app.prefix + settings.path
  const { on, emit } = createEvents(log)
  terminal.follow(on)

  const gate = createGate({ ...settings.security, token, listenName: listenNameOf(app) })
  const trusted = (request: FastifyRequest): boolean => gate.host(knockOf(request)).ok

  const hub = createHub({
    maxConnections: settings.security.maxConnections,
    hello: () => outward({ type: 'hello', epoch, seq: pipeline.seq, build: summary(), client: settings.client }, settings.cwd),
    heard: (message, transport) => { if (message.type === 'applied') emit('applied', { ...message, transport }) },
    joined: ({ transport }, clients) => emit('connect', { transport, clients }),
    left: ({ transport }, clients) => emit('disconnect', { transport, clients }),
    log
  })

  const pipeline = createPipeline(settings, {
    send: message => {
      hub.send(outward(message, settings.cwd))
      emit('send', { message, clients: hub.size })
    },
    emit,
    log
  })

  const summary = () => Object.values(pipeline.builds()).find(build => build.state === 'failed') ?? Object.values(pipeline.builds())[0] ?? { state: 'idle' as const }
  const status = (): LiveReloadStatus => {
    const watch = worst(pipeline.watches())
    const builds = pipeline.builds()
    const reason = doubt(watch, builds)
    return { ok: reason === undefined, ...(reason !== undefined && { reason }), enabled: true, epoch, seq: pipeline.seq, clients: hub.size, paused: pipeline.paused, watch, builds }
  }
  const stamp = (): Stamp => `${epoch}:${pipeline.seq}`
  const tag = createTag({ url: `${base}/client.js?v=${clientHash()}`, token, connect: settings.connect })

  const roots = await serveRoots(app, settings, { hostGate: request => gate.host(knockOf(request)), built: pipeline.built })
  addInjection(app, { settings, stamp, tag, trusted, stable: roots.stable, log })

  app.register(async scope => {
    guard(scope, gate)
    serveClient(scope)
    serveSocket(scope, hub)
    serveStream(scope, { hub, epoch })
    serveBeacons(scope, hub, gate)
    serveHealth(scope, status)
    if (settings.editor !== false) serveEditor(scope, { project: projectOf(settings), token, editor: settings.editor, log })
  }, { prefix: settings.path, logLevel: 'warn' })

  app.decorate('liveReload', {
    enabled: true,
    get clients () { return hub.size },
    ready: pipeline.ready,
    reload: (paths = []) => pipeline.reload(paths),
    build: async name => pipeline.build(name),
    pause: pipeline.pause,
    resume: pipeline.resume,
    tag: request => request === undefined || trusted(request) ? tag(stamp()) : '',
    status,
    connections: hub.clients,
    on
  } satisfies LiveReload)

  const undo = routeUpgrades(app, base)
  // The app does not wait for the first builds: it may have more to serve than their outputs.
  app.addHook('onReady', async () => { pipeline.start().catch(error => emit('error', { error })) })
  app.addHook('preClose', async () => {
    undo()
    terminal.close()
    await Promise.all([hub.close(), pipeline.close()])
  })
}

/** What may be opened in an editor: the working directory, and what the options name. */
function projectOf ({ cwd, roots, watch, builds }: Settings) {
  return { cwd, places: [cwd, ...roots.map(root => root.path), ...watch, ...builds.flatMap(build => build.source)] }
}

/** The name given to `listen`: Fastify resolves it to an address and keeps only that. */
function listenNameOf (app: FastifyInstance): () => string | undefined {
  let name: string | undefined
  const listen = app.server.listen
  app.server.listen = function (this: typeof app.server, ...args: unknown[]) {
    const [first] = args
    if (typeof first === 'object' && first !== null && 'host' in first) name = String(first.host)
    return Reflect.apply(listen, this, args)
  } as typeof listen
  return () => name
}

/** Live reload for a Fastify 5 app. For `require()`, which gives this function alone, it carries the other exports. */
export const liveReload = Object.assign(fp(plugin, { name: 'fastify-live-reload', fastify: '5.x' }), { command, errors, inProcess, isolated, staged, steps })
export default liveReload
export { liveReload as 'module.exports' }
