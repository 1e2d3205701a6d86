// Where a library is on disk: as bundlers for browsers resolve names, links included. Which package a file belongs to.
import fs, { existsSync, readFileSync } from 'node:fs'
import { dirname, join, sep } from 'node:path'
import enhancedResolve from 'enhanced-resolve'

export interface Package {
  readonly name: string
  readonly version: string
  /** Its directory, without links. */
  readonly root: string
}

export type Resolve = (specifier: string, directory: string) => string | false

const NAME = /^(?:@[^/]+\/)?[^/]+/
const INSTALLED = `${sep}node_modules${sep}`

/** `false`: the package says that browsers need nothing in its place. Throws what says why there is nothing. */
export function createResolve (development: boolean): Resolve {
  const resolver = enhancedResolve.ResolverFactory.createResolver({
    fileSystem: fs,
    useSyncFileSystemCalls: true,
    conditionNames: ['browser', 'import', 'module', 'default', development ? 'development' : 'production'],
    // A `browser` that is one file is often a bundle without modules.
    mainFields: ['module', 'browser', 'main'],
    aliasFields: ['browser'],
    extensions: ['.mjs', '.js']
  })
  return (specifier, directory) => {
    const found = resolver.resolveSync({}, directory, specifier) as string | false
    return found !== false && fileOf(found)
  }
}

/** Without a query or fragment. A mark before one says that it is part of a name. */
function fileOf (found: string): string {
  return (/^(?:\0.|[^\0?#])*/s.exec(found) as RegExpExecArray)[0].replaceAll('\0', '')
}

/** `lit` of `lit/decorators.js`. */
export function packageNameOf (specifier: string): string {
  return NAME.exec(specifier)?.[0] ?? specifier
}

/** Is there a package of this name for files in `directory`? */
export function isInstalled (name: string, directory: string): boolean {
  if (existsSync(join(directory, 'node_modules', name))) return true
  const parent = dirname(directory)
  return parent !== directory && isInstalled(name, parent)
}

/** The package in this directory. */
export function readPackage (root: string): Package {
  const { name, version } = readManifest(root)
  return { root, name: typeof name === 'string' ? name : 'package', version: typeof version === 'string' ? version : '0.0.0' }
}

/** True when the nearest `package.json` says that `.js` files are modules. */
export function isModuleType (file: string): boolean {
  return readManifest(withManifest(dirname(file))).type === 'module'
}

/** The directory of the package of a file. A `package.json` further inside only says what type of modules is there. */
export function rootOf (file: string): string {
  const at = file.lastIndexOf(INSTALLED) + INSTALLED.length
  // One that is linked from elsewhere, such as of a workspace.
  if (at < INSTALLED.length) return withManifest(dirname(file))
  return file.slice(0, at) + (NAME.exec(file.slice(at).split(sep).join('/')) as RegExpExecArray)[0].split('/').join(sep)
}

function withManifest (directory: string): string {
  const parent = dirname(directory)
  return parent === directory || existsSync(join(directory, 'package.json')) ? directory : withManifest(parent)
}

function readManifest (directory: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'))) as Record<string, unknown>
  } catch {
    return {}
  }
}
