// `build`: pipelines from sources to outputs.
import type { Builder, BuildFunction, Hooks } from '../../types/build.js'
import { errors } from '../errors.js'
import { programName } from './program-name.js'
import { array, check, choice, fields, integer, isFunction, known, matching, type Guard } from './check.js'
import type { BuildSettings } from './settings.js'
import { parseInclude, parseRules, parseSources } from './watch.js'

const MAX_NAME_CHARACTERS = 60

// What a command may be is checked where it is made, with a coded error of its own.
const isBuilder: Guard<BuildSettings['builder']> = (v): v is BuildSettings['builder'] =>
  isFunction(v) || typeof v === 'string' || Array.isArray(v) || (typeof v === 'object' && v !== null && isFunction((v as Builder).build))
const isName = matching(/^[^\r\n]+$/)

/** @throws FST_LIVE_RELOAD_DUPLICATE for two builds of the same name. */
export function parseBuilds (raw: unknown, cwd: string): BuildSettings[] {
  const builds: BuildSettings[] = []
  const given = array(raw).map((item, i) => parseBuild(Array.isArray(raw) ? `build[${i}]` : 'build', item, cwd))
  // Names that were given come first: a default makes room for them.
  const names = new Set(given.flatMap(({ name }) => name ?? []))
  for (const build of given) {
    if (build.name !== undefined && builds.some(({ name }) => name === build.name)) throw new errors.FST_LIVE_RELOAD_DUPLICATE(`two builds are named ${build.name}; give each its own \`name\``)
    const name = build.name ?? unique(defaultName(build.builder), names)
    names.add(name)
    builds.push({ ...build, name })
  }
  return builds
}

/** The program that a pipeline runs: the first word that people look for in a log. */
function defaultName (builder: BuildSettings['builder']): string {
  const given = typeof builder === 'string' ? programName(builder.trim().split(/\s+/)) : Array.isArray(builder) ? programName(builder) : (builder as Builder | BuildFunction).name
  // JavaScript names a function after the property it is written in.
  return isName(given) && given !== 'builder' ? given.slice(0, MAX_NAME_CHARACTERS) : 'build'
}

function unique (name: string, names: ReadonlySet<string>): string {
  let number = 1
  const numbered = () => number === 1 ? name : `${name}-${number}`
  while (names.has(numbered())) number++
  return numbered()
}

function parseBuild (option: string, raw: unknown, cwd: string): Omit<BuildSettings, 'name'> & { readonly name: string | undefined } {
  const given = fields(option, raw, '{ source, builder, name?, before?, after?, include?, ignore?, timeout? }')
  known(`${option}.`, given, ['name', 'source', 'builder', 'before', 'after', 'afterFailure', 'include', 'ignore', 'timeout'])
  return {
    name: given.name === undefined ? undefined : check(`${option}.name`, given.name, 'a name without line breaks', isName),
    source: parseSources(`${option}.source`, given.source, cwd),
    builder: check(`${option}.builder`, given.builder, 'a function, a command or a Builder ({ name, build() })', isBuilder),
    hooks: {
      // `builds/hooks` checks what a hook may be, with the same coded error.
      ...given.before !== undefined && { before: given.before as Hooks },
      ...given.after !== undefined && { after: given.after as Hooks },
      afterFailure: choice(`${option}.afterFailure`, given.afterFailure, 'warn', 'fail')
    },
    timeout: integer(`${option}.timeout`, given.timeout, 300_000, 1, 2 ** 31 - 1),
    include: parseInclude(`${option}.include`, given.include),
    ignore: parseRules(`${option}.ignore`, given.ignore)
  }
}
