// Mounts every root: our own route and gate in front, @fastify/static behind, in scopes of their own.
import fastifyStatic, { type FastifyStaticOptions } from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import { check, oneOf } from '../options/check.js'
import { errors } from '../errors.js'
import type { RootSettings, Settings } from '../options/parse.js'
import { createAnswer, type AnswerParts } from './answer.js'
import { renderListing } from './listing.js'
import { createPageCache } from './page-cache.js'
import type { Dotfiles } from './path-gate.js'
import { createPlace, type Place, type SendFile, type Served, type ServedRoot } from './static-root.js'
import { leadToSlash } from './trailing-slash.js'
import { placeOf } from '../classify/classify.js'

export interface Roots {
  /** Is this a page from the file cache: a Buffer that never changes, the same object as long as its file is the same? */
  stable (payload: Buffer): boolean
}

type StaticOptions = Partial<FastifyStaticOptions> & Record<string, unknown>

// What a page from memory obeys, or what does not touch it. With any other option @fastify/static sends the pages too.
const OURS = new Set(['index', 'extensions', 'redirect', 'setHeaders', 'dotfiles', 'schemaHide', 'logLevel', 'constraints', 'suppressWarning'])

/** @throws FST_LIVE_RELOAD_DUPLICATE when the app has a route in the same place, whichever comes first. */
export async function serveRoots (app: FastifyInstance, settings: Settings, parts: AnswerParts & { readonly served?: Served }): Promise<Roots> {
  const pages = createPageCache()
  const lead = leadToSlash(app, settings.roots, parts.hostGate)
  for (const group of byPrefix(settings.roots)) {
    const [first] = group as [RootSettings]
    const places: Place[] = []
    for (const root of group) {
      const { served, options } = prepare(root, settings, app.prefix)
      await app.register(async scope => {
        places.push(createPlace({ ...served, sendFile: await borrowSendFile(scope, options) }, pages, parts.served))
      })
    }
    await app.register(async scope => mount(scope, first, createAnswer(places, mostGenerous(group), parts, lead)))
    guardPlace(app, first)
  }
  return { stable: pages.stable }
}

// A root with constraints has a route of its own.
function byPrefix (roots: readonly RootSettings[]): RootSettings[][] {
  const groups = new Map<unknown, RootSettings[]>()
  for (const root of roots) {
    const key = root.static.constraints === undefined ? root.prefix : root
    groups.set(key, [...groups.get(key) ?? [], root])
  }
  return [...groups.values()]
}

function mostGenerous (group: readonly RootSettings[]): Dotfiles {
  const [first, ...rest] = group.map(dotfilesOf)
  return rest.includes('allow') ? 'allow' : first as Dotfiles
}

// Taken, not decorated: in handlers of the app, its page for 404 above all, `reply.sendFile` must stay the app's own.
async function borrowSendFile (scope: FastifyInstance, options: FastifyStaticOptions): Promise<SendFile> {
  const taken = new Map<string | symbol, unknown>()
  const decorateReply = (name: string | symbol, fn: unknown) => {
    taken.set(name, fn)
    return scope
  }
  scope.decorateReply = decorateReply as typeof scope.decorateReply
  await scope.register(fastifyStatic, options)
  return taken.get('sendFile') as SendFile
}

function mount (scope: FastifyInstance, root: RootSettings, handler: ReturnType<typeof createAnswer>): void {
  const { constraints, logLevel, schemaHide = true } = root.static as StaticOptions
  try {
    scope.route({
      method: ['GET', 'HEAD'],
      url: `${root.prefix}*`,
      schema: { hide: schemaHide } as object,
      ...(constraints !== undefined && { constraints }),
      ...(logLevel !== undefined && { logLevel }),
      handler
    })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'FST_ERR_DUPLICATED_ROUTE') throw error
    throw taken(root)
  }
}

// A later route of the app in our place would fail without a word about us.
function guardPlace (app: FastifyInstance, root: RootSettings): void {
  if (root.static.constraints !== undefined) return
  const url = app.prefix + root.prefix + '*'
  app.addHook('onRoute', route => {
    const methods = [route.method].flat()
    if (route.url === url && (methods.includes('GET') || methods.includes('HEAD')) && Object.keys(route.constraints ?? {}).length === 0) throw taken(root)
  })
}

function taken (root: RootSettings): Error {
  return new errors.FST_LIVE_RELOAD_DUPLICATE(`the app has a route ${root.prefix}* of its own (@fastify/static registers one too); give the option \`root\` another \`prefix\`, or remove that route`)
}

function prepare (root: RootSettings, { enabled, cacheControl, update }: Settings, mount: string): { served: Omit<ServedRoot, 'sendFile'>, options: FastifyStaticOptions } {
  const given = root.static as StaticOptions
  const { setHeaders, redirect = true, preCompressed = false } = given
  const dotfiles = dotfilesOf(root)
  const own = ['cacheControl', 'maxAge', 'immutable'].some(name => given[name] !== undefined)
  const quiet = !own && enabled && cacheControl !== false
  const index = given.index === false ? [] : names('index', given.index ?? 'index.html')
  return {
    served: {
      path: root.path,
      prefix: root.prefix,
      followSymlinks: root.followSymlinks,
      dotfiles,
      index,
      extensions: names('extensions', given.extensions ?? []),
      redirect,
      listed: Boolean(root.list),
      spa: root.spa,
      inMemory: Object.keys(given).every(name => OURS.has(name)),
      cacheControl: quiet ? undefined : 'public, max-age=0',
      preCompressed,
      told: enabled && update.scope === 'affected' ? placeOf(mount, root) : undefined,
      setHeaders
    },
    options: {
      ...given,
      ...(quiet && { cacheControl: false }),
      ...(root.list !== undefined && { list: root.list === true ? { format: 'html', render: renderListing } : root.list }),
      root: root.path,
      prefix: root.prefix,
      index,
      dotfiles: dotfiles === 'deny' ? 'ignore' : dotfiles,
      redirect: false,
      serve: false,
      suppressWarning: true
    }
  }
}

function dotfilesOf (root: RootSettings): Dotfiles {
  return check('root.dotfiles', root.static.dotfiles ?? 'ignore', "'allow', 'deny' or 'ignore'", oneOf('allow', 'deny', 'ignore'))
}

function names (option: string, given: unknown): string[] {
  return [given].flat().map(name => check(`root.${option}`, name, 'a name or a list of names', (v): v is string => typeof v === 'string' && v !== ''))
}
