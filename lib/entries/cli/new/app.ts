// Blueprint, name and language -> the files of an app. Pure but for the versions, which are those of this package.
import { createRequire } from 'node:module'
import { inspect } from 'node:util'
import type { LiveReloadOptions } from '../../../../types/options.js'
import { parseOptions } from '../../../options/parse.js'
import { isWithin, shortenPath } from '../../../shared/paths.js'
import { UsageError } from '../command.js'
import { LANGUAGES, type Blueprint, type Language, type Packages } from './blueprint.js'

/** Text by path, in the order of the blueprint. */
export type AppFiles = ReadonlyMap<string, string>

export interface AppOf {
  readonly name: string
  readonly language: Language
  /** Where it will be. */
  readonly directory: string
}

const TESTED = 'tested'
const require = createRequire(import.meta.url)

/** `asked`: of the flags. @throws UsageError */
export function languageOf (blueprint: Blueprint, asked: Language | undefined): Language {
  const has = LANGUAGES.filter(one => blueprint[one] !== undefined)
  if (asked !== undefined && !has.includes(asked)) throw new UsageError(`the blueprint ${blueprint.name} has no part for --${asked}${has.length > 0 ? `; it has ${has.map(one => `--${one}`).join(' and ')}` : ''}`)
  return asked ?? blueprint.language ?? has[0] ?? 'js'
}

/** @throws UsageError, FST_LIVE_RELOAD_INVALID_OPTION and others for the options of the plugin */
export function planApp (blueprint: Blueprint, app: AppOf): AppFiles {
  const { name, language, directory } = app
  const fill = (text: string): string => text.replaceAll('__name__', name).replaceAll('__ext__', language)
  const files = new Map<string, string>()
  const add = (path: string, text: string): void => {
    const other = [...files.keys()].find(one => areInTheWay(one, path))
    if (other !== undefined) throw new UsageError(`the blueprint ${blueprint.name} has two files in one place: ${other} and ${path}`)
    files.set(path, text)
  }
  add('package.json', `${JSON.stringify(manifestOf(blueprint, app, fill), null, 2)}\n`)
  if (blueprint.devServer !== undefined) {
    const options = optionsOf(blueprint)
    checkOptions(blueprint.name, options, directory)
    add(`live-reload.config.${language}`, configOf(blueprint.devServer, options, language))
  }
  for (const { path, text } of [...blueprint.files, ...blueprint[language]?.files ?? []]) {
    add(fill(path), fill(typeof text === 'string' ? text : `${text.join('\n')}\n`))
  }
  return files
}

/** One is the other, also where the system ignores case, or a directory of it. */
function areInTheWay (a: string, b: string): boolean {
  const [one, other] = [a, b].map(path => `${path.toLowerCase()}/`) as [string, string]
  return one.startsWith(other) || other.startsWith(one)
}

function manifestOf (blueprint: Blueprint, { name, language }: AppOf, fill: (text: string) => string): object {
  const { description, engines, scripts, libraries, [language]: own } = blueprint
  const packages = (...all: readonly (Packages | undefined)[]): Packages =>
    Object.fromEntries(Object.entries(Object.assign({}, ...all) as Packages).map(([one, range]): [string, string] => [one, range === TESTED ? testedRange(one, blueprint.name) : range]).sort(([a], [b]) => a < b ? -1 : 1))
  const dependencies = packages(blueprint.dependencies, own?.dependencies, libraries)
  const devDependencies = packages(blueprint.devDependencies, own?.devDependencies)
  if (name in dependencies || name in devDependencies) throw new UsageError(`the app cannot be named ${name}: it depends on the package of this name`)
  return {
    name,
    version: '0.0.0',
    private: true,
    ...description !== undefined && { description: fill(description) },
    type: 'module',
    engines: { node: engines ?? (require('fastify-live-reload/package.json') as Manifest).engines.node },
    scripts: Object.fromEntries(Object.entries({ ...scripts, ...own?.scripts }).map(([script, command]) => [script, fill(command)])),
    dependencies,
    ...Object.keys(devDependencies).length > 0 && { devDependencies }
  }
}

interface Manifest {
  readonly version: string
  readonly engines: { readonly node: string }
  readonly dependencies: Packages
  readonly devDependencies: Packages
}

/** The one place of all versions: what the tests of this version of the library ran with. */
function testedRange (name: string, blueprint: string): string {
  const { version, dependencies, devDependencies } = require('fastify-live-reload/package.json') as Manifest
  if (name === 'fastify-live-reload') return `^${version}`
  const range = devDependencies[name] ?? dependencies[name]
  if (range === undefined) throw new UsageError(`the blueprint ${blueprint} asks for the tested version of ${name}, which fastify-live-reload was not tested with: name a range`)
  return range
}

/** Pages import the libraries by their names, unless the blueprint says itself which. */
function optionsOf ({ devServer, libraries = {} }: Blueprint): LiveReloadOptions {
  const importMap = Object.keys(libraries)
  return { ...importMap.length > 0 && { importMap }, ...devServer?.options }
}

/** As the plugin checks them. What the server reads is to be part of the app. @throws UsageError */
function checkOptions (name: string, options: LiveReloadOptions, directory: string): void {
  const { roots, watch, builds, plugins } = parseOptions(options, directory, {})
  const paths = [...roots.map(({ path }) => path), ...watch, ...builds.flatMap(({ source }) => source), ...plugins.map(({ dir }) => dir)]
  const outside = paths.find(path => !isWithin(directory, path))
  if (outside !== undefined) throw new UsageError(`the blueprint ${name} cannot be used: \`devServer.options\` names ${shortenPath(directory, outside)}, which is outside of the app`)
}

function configOf ({ options: _, ...server }: NonNullable<Blueprint['devServer']>, options: LiveReloadOptions, language: Language): string {
  const typed = language === 'ts'
  return [
    ...typed ? ["import type { LiveReloadOptions } from 'fastify-live-reload'", "import type { ListenOptions } from 'fastify-live-reload/dev'", ''] : [],
    '// Of the plugin. `npx fastify-live-reload build` reads them, too.',
    `const options${typed ? ': LiveReloadOptions' : ''} = ${literal(options)}`,
    '',
    'export default options',
    '',
    '// Of listen(), which starts the app.',
    `export const server${typed ? ': ListenOptions' : ''} = ${literal(server)}`,
    ''
  ].join('\n')
}

/** Data of JSON as JavaScript. */
function literal (value: unknown): string {
  return inspect(value, { depth: Infinity, maxArrayLength: Infinity, maxStringLength: Infinity, breakLength: 100 })
}
