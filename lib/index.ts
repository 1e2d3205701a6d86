// The plugin: settings -> stages -> routes -> decorate -> close. It only wires.
import { randomBytes } from 'node:crypto'
import fp from 'fastify-plugin'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { LiveReload } from '../types/fastify.js'
import type { HelloMessage, ServerMessage, Stamp } from '../types/message.js'
import type { LiveReloadOptions } from '../types/options.js'
import { serveBeacons } from './broadcast/beacon.js'
import { createGate } from './broadcast/gate.js'
import { Hub } from './broadcast/hub.js'
import { guard, guardChanges, toGateRequest } from './broadcast/guard.js'
import { sanitizeMessage, sanitizeStatus } from './broadcast/sanitize.js'
import { serveStream } from './broadcast/sse.js'
import { serveSocket } from './broadcast/websocket.js'
import { command } from './builds/builders/command.js'
import { inProcess } from './builds/builders/in-process.js'
import { isolated } from './builds/builders/isolated.js'
import { stripAnsi } from './builds/diagnostics/ansi.js'
import { createRedact } from './builds/diagnostics/redact.js'
import { staged } from './builds/builders/staging.js'
import { steps } from './builds/builders/steps.js'
import { errors } from './errors.js'
import { addInjection } from './inject/hook.js'
import { renameSheets } from './inject/html/sheets.js'
import { createTag } from './inject/tag.js'
import { createPageConsole } from './features/page-console/console.js'
import { createEvents } from './live/events.js'
import { serveHealth } from './live/health.js'
import { createHistory } from './features/status-page/history.js'
import { createInert } from './live/inert.js'
import { createLive } from './features/status-page/publisher.js'
import { createMapper } from './features/page-console/source-map.js'
import { createStatus, toMessage } from './live/status.js'
import { createTerminal } from './features/terminal/terminal.js'
import { parseOptions, type Settings } from './options/parse.js'
import { createPipeline } from './pipeline.js'
import { clientHash, serveClient } from './client/client.js'
import { createDocuments } from './classify/documents.js'
import { serveEditor } from './features/editor/editor.js'
import { addErrorPages, serveErrorPageScript } from './features/error-pages/error-page.js'
import { createFailures, serveOverlay, writeOverlay } from './features/overlay/overlay.js'
import { addPageTiming } from './inject/page-timing.js'
import { serveRoots } from './static/roots.js'
import { createFindScript } from './features/page-console/script-file.js'
import { serveStatusPage } from './features/status-page/page.js'
import { serveControl } from './features/status-page/control.js'
import { createChangeClassifier } from './classify/classify.js'

export type * from '../types/index.js'
export type { IsolatedModule, IsolatedOptions } from './builds/builders/isolated.js'
export type { CommandOptions } from './builds/builders/command.js'
export { command, errors, inProcess, isolated, staged, steps }

/** Status pages that may be open at once. */
const WATCHERS = 20
const NEWS = ['change', 'build:start', 'build:progress', 'build:end', 'send', 'connect', 'disconnect', 'applied', 'fallback'] as const

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

  const gate = createGate({ ...settings.security, token })
  const trusted = (request: FastifyRequest): boolean => gate.host(toGateRequest(request)).ok

  const hello = (): HelloMessage => sanitizeMessage({ type: 'hello', epoch, seq: pipeline.seq, build: summary(), client: settings.client }, settings.cwd)
  const failing = () => failures().slice(1).map(([name, build]) => sanitizeMessage({ ...build, type: 'build', state: 'failed', name }, settings.cwd))
  const hub = new Hub({
    maxConnections: settings.security.maxConnections,
    hello,
    failedBuilds: failing,
    onMessage (message, transport) {
      if (message.type === 'log') pages.heard(message)
      if (message.type === 'applied') emit('applied', { ...message, transport })
      if (message.type === 'fallback') emit('fallback', { from: message.from, to: message.to, reason: message.reason })
    },
    onConnect: ({ transport }, clients) => emit('connect', { transport, clients }),
    onDisconnect: ({ transport }, clients) => emit('disconnect', { transport, clients }),
    log
  })

  const { console: levels } = settings.connect
  const redact = createRedact()
  const pages = createPageConsole({
    levels,
    map: createMapper({ find: createFindScript(settings, app.prefix), cwd: settings.cwd }),
    tidy: text => redact.text(stripAnsi(text)),
    log
  })

  const told = createFailures()
  const send = (message: ServerMessage): void => {
    const out = sanitizeMessage(message, settings.cwd)
    hub.send(out)
    if (out.type === 'build') told.hear(out)
    emit('send', { message, clients: hub.size })
  }
  // Where sheets are never put in place, nothing is kept for it.
  const documents = createDocuments(renameSheets, settings.update.css ? undefined : 0)
  const pipeline = createPipeline(settings, { send, classify: createChangeClassifier(settings, app.prefix, documents), emit, log })

  const failures = () => Object.entries(pipeline.builds()).filter(([, build]) => build.state === 'failed')
  const summary = () => failures()[0]?.[1] ?? Object.values(pipeline.builds())[0] ?? { state: 'idle' as const }
  const history = createHistory(on, settings.cwd, log)
  const status = createStatus({ epoch, pipeline, clients: () => hub.clients(), history })
  const outside = () => sanitizeStatus(status(), settings.cwd)

  // Who looks at the status page is no tab: a hub of its own, on the same wire.
  const watchers = new Hub({
    maxConnections: WATCHERS,
    hello,
    failedBuilds: failing,
    onMessage: nobodyCares,
    onConnect: () => { setImmediate(live.now) },
    onDisconnect: nobodyCares,
    log
  })
  const live = createLive({
    watched: () => watchers.size > 0,
    tell: () => watchers.send(toMessage(outside(), hub.clients(), history, settings.connect.transport))
  })
  for (const event of NEWS) on(event, live.news)
  const stamp = (): Stamp => `${epoch}:${pipeline.seq}`
  const tag = createTag({ url: `${base}/${levels.length > 0 ? 'console' : 'client'}.js?v=${clientHash()}`, token, connect: settings.connect, socketReachable: () => socket.reachable() })
  let socket: ReturnType<typeof serveSocket>

  const stampsPages = settings.inject !== false || settings.transform.length > 0
  await serveRoots(app, settings, { hostGate: request => gate.host(toGateRequest(request)), built: pipeline.built, served: documents.served, stampsPages }).catch(async (error: unknown) => {
    // The app may go on without us, or end: nothing of ours may hold the process.
    await pipeline.close()
    throw error
  })
  if (settings.errorPages) addErrorPages(app, { trusted, cwd: settings.cwd, base: `${base}/`, editor: settings.editor !== false })
  addInjection(app, { settings, base: `${base}/`, stamp, tag, trusted, tell: addPageTiming, log })

  app.register(async scope => {
    guard(scope, gate, log)
    serveClient(scope)
    // Until the client asks for no probe any more.
    scope.get('/page', { config: { liveReload: false } }, (_request, reply) => reply.type('text/html').send(''))
    if (settings.errorPages) serveErrorPageScript(scope)
    socket = serveSocket(scope, hub)
    serveStream(scope, { hub, epoch })
    serveBeacons(scope, hub, gate, log)
    serveOverlay(scope, () => writeOverlay(told, epoch, settings.client))
    serveHealth(scope, outside)
    serveStatusPage(scope, { hash: clientHash(), epoch, token })
    scope.register(async inner => {
      guardChanges(inner, gate, log)
      serveStream(inner, { hub: watchers, epoch, url: '/status' })
      const { reload, build, pause, resume } = app.liveReload
      serveControl(inner, { reload, build, pause, resume, transport: transport => send({ type: 'reconnect', transport }) }, live.news)
    })
    if (settings.editor !== false) serveEditor(scope, { project: projectOf(settings), token, editor: settings.editor, log })
  }, { prefix: settings.path, logLevel: 'warn' })

  app.decorate('liveReload', {
    enabled: true,
    get clients () { return hub.size },
    ready: pipeline.ready,
    reload: (paths = []) => pipeline.reload({ paths }),
    build: async name => pipeline.build(name),
    pause: pipeline.pause,
    resume: pipeline.resume,
    tag: (request, form) => request === undefined || trusted(request) ? tag(stamp(), form) : '',
    status,
    connections: () => hub.clients(),
    saves: history.saves,
    on
  } satisfies LiveReload)

  // The app does not wait for the first builds: it may have more to serve than their outputs.
  app.addHook('onReady', async () => { pipeline.start().catch(error => emit('error', { error })) })
  app.addHook('preClose', async () => {
    terminal.close()
    live.close()
    pages.close()
    await Promise.all([hub.close(), watchers.close(), pipeline.close()])
  })
}

const nobodyCares = () => {}

/** What may be opened in an editor: the working directory, and what the options name. */
function projectOf ({ cwd, roots, watch, builds }: Settings) {
  return { cwd, places: [cwd, ...roots.map(root => root.path), ...watch, ...builds.flatMap(build => build.source)] }
}

/** Live reload for a Fastify 5 app. For `require()`, which gives this function alone, it carries the other exports. */
export const liveReload = Object.assign(fp(plugin, { name: 'fastify-live-reload', fastify: '5.x' }), { command, errors, inProcess, isolated, staged, steps })
export default liveReload
export { liveReload as 'module.exports' }
