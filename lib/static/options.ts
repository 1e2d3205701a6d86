// The roots of one prefix as options of @fastify/static.
import type { FastifyStaticOptions } from '@fastify/static'
import { existsSync, type Stats } from 'node:fs'
import { join, relative } from 'node:path'
import type { FastifyReply } from 'fastify'
import { isDeepStrictEqual } from 'node:util'
import { errors, show } from '../errors.js'
import type { RootSettings, Settings } from '../options/settings.js'
import { isThenable } from '../shared/call.js'
import { checkTarget } from '../shared/file-gate.js'
import { encodeSegments, isWithin, rootUrl, withSlashes } from '../shared/paths.js'
import { renderListing } from './listing.js'
import type { Expect } from './replaced.js'
import { allow, pass, type StaticRoot } from './static-root.js'

/** `stat` is undefined when a compressed copy of the file is sent. `dest` is what the browser wants the file for. */
export type Served = (path: string, stat?: Stats, dest?: string | string[]) => void

export interface SetHeadersParts { readonly served?: Served, readonly expect: Expect }

export type Options = Omit<FastifyStaticOptions, 'root' | 'serve'> & { readonly root: string | string[], readonly setHeaders: (reply: FastifyReply, path: string, stat: Stats) => void }

const COMPRESSED = /\.(?:br|gz|deflate)$/
/** What is read in a frame or a worker stays there: `Server-Timing` cannot tell the page around it. */
const SEPARATE = /frame|worker|embed|object/

/** @throws FST_LIVE_RELOAD_INVALID_OPTION when roots of one prefix differ in what @fastify/static takes once for all of them */
export function optionsOf (group: readonly RootSettings[], roots: readonly StaticRoot[], settings: Settings, mount: string, parts: SetHeadersParts): Options {
  const [{ static: given, prefix, list }] = group as readonly [RootSettings]
  checkEqual(group)
  const [{ path, index }] = roots as readonly [StaticRoot]
  const caches = settings.enabled && settings.cacheControl !== false && ['cacheControl', 'maxAge', 'immutable'].every(name => given[name] === undefined)
  return {
    ...given,
    ...(caches && { cacheControl: false }),
    ...(list && { list: list === true ? { format: 'html', names: ['/'], render: renderListing } : { ...list, names: [...list.names ?? [], '/'] } }),
    ...(given.preCompressed === true && { onFile: checkCopies(roots, given.onFile as OnFile) }),
    root: roots.length === 1 ? path : roots.map(root => root.path),
    prefix,
    index: [...index],
    // Judged by `allowedPath`, but for a listing as JSON.
    dotfiles: typeof list === 'object' ? 'ignore' : 'allow',
    redirect: false,
    decorateReply: false,
    suppressWarning: true,
    allowedPath: (pathname, path) => {
      const root = roots.find(one => one.path === path) as StaticRoot
      const names = pathname.split('/').filter(name => name !== '')
      // What this root does not have may be in the next one.
      return (roots.length > 1 && !existsSync(join(root.path, ...names))) || allow(root, names)
    },
    setHeaders: createSetHeaders(group, roots, settings, mount, parts)
  }
}

function checkEqual ([first, ...others]: readonly RootSettings[]): void {
  for (const { static: given, prefix } of others) {
    for (const name of Object.keys({ ...first?.static, ...given })) {
      if (name !== 'dotfiles' && !isDeepStrictEqual(first?.static[name], given[name])) throw new errors.FST_LIVE_RELOAD_INVALID_OPTION(`root.${name}`, `the same for every root at ${prefix}`, show(given[name]))
    }
  }
}

type OnFile = FastifyStaticOptions['onFile']

/** @fastify/static does not ask `allowedPath` about compressed copies, which may be links too. */
function checkCopies (roots: readonly StaticRoot[], then: OnFile): NonNullable<OnFile> {
  return (path, stat) => {
    pass(checkTarget(roots.find(root => isWithin(root.path, path)) as StaticRoot, path))
    return then?.(path, stat)
  }
}

function createSetHeaders (group: readonly RootSettings[], roots: readonly StaticRoot[], { enabled, update }: Settings, mount: string, { served, expect }: SetHeadersParts): Options['setHeaders'] {
  const [{ prefix, static: { setHeaders, preCompressed } }] = group as readonly [RootSettings]
  const url = rootUrl(mount, prefix)
  // The innermost of nested roots comes first.
  const inner = [...roots].sort((a, b) => b.path.length - a.path.length)
  if (setHeaders !== undefined && typeof setHeaders !== 'function') throw new errors.FST_LIVE_RELOAD_INVALID_OPTION('root.setHeaders', 'a function (reply, path, stat)', show(setHeaders))
  return (reply, path, stat) => {
    const around = inner.filter(root => isWithin(root.path, path))
    expect(reply, around, stat)
    const copy = preCompressed === true && COMPRESSED.test(path)
    const file = copy ? path.replace(COMPRESSED, '') : path
    const dest = reply.request.headers['sec-fetch-dest']
    served?.(file, copy ? undefined : stat, dest)
    if (enabled && update.scope === 'affected' && !SEPARATE.test(String(dest))) {
      addFileTiming(reply, url + encodeSegments(withSlashes(relative((around[0] as StaticRoot).path, file))))
    }
    // @fastify/static waits for no promise. What the function throws at once is the answer to the request.
    const result: unknown = setHeaders?.(reply, path, stat)
    // A reply that is returned is thenable too, and means nothing here.
    if (isThenable(result) && result as unknown !== reply) result.then(() => {}, err => reply.log.error({ err }, 'live reload: `setHeaders` of a root failed'))
  }
}

/** A page may read `Server-Timing` of its own resources, and so learns which files it was made from. */
export function addFileTiming (reply: FastifyReply, url: string): void {
  const others = reply.getHeader('server-timing')
  const file = `file;desc="${url}"`
  reply.header('server-timing', others === undefined ? file : `${String(others)}, ${file}`)
}
