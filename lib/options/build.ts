// `build`: pipelines from sources to outputs.
import type { Builder, BuildFunction, Hooks } from '../../types/build.js'
import { errors } from '../errors.js'
import { array, check, choice, fields, integer, isFunction, known, matching, type Guard } from './check.js'
import type { BuildSettings } from './settings.js'
import { parseRules, parseSources } from './watch.js'

const isBuilder: Guard<Builder | BuildFunction> = (v): v is Builder | BuildFunction =>
  isFunction(v) || (typeof v === 'object' && v !== null && isFunction((v as Builder).build))

/** @throws FST_LIVE_RELOAD_DUPLICATE for two builds of the same name. */
export function parseBuilds (raw: unknown, cwd: string): BuildSettings[] {
  const builds = array(raw).map((item, i) => parseBuild(Array.isArray(raw) ? `build[${i}]` : 'build', item, i, cwd))
  const names = new Set<string>()
  for (const { name } of builds) {
    if (names.has(name)) throw new errors.FST_LIVE_RELOAD_DUPLICATE(`two builds are named ${name}; give each its own \`name\``)
    names.add(name)
  }
  return builds
}

function parseBuild (option: string, raw: unknown, index: number, cwd: string): BuildSettings {
  const given = fields(option, raw, '{ source, builder, name?, before?, after?, ignore?, timeout? }')
  known(`${option}.`, given, ['name', 'source', 'builder', 'before', 'after', 'afterFailure', 'ignore', 'timeout'])
  return {
    name: check(`${option}.name`, given.name ?? (index === 0 ? 'build' : `build-${index + 1}`), 'a name without line breaks', matching(/^[^\r\n]+$/)),
    source: parseSources(`${option}.source`, given.source, cwd),
    builder: check(`${option}.builder`, given.builder, 'a function or a Builder ({ name, build() })', isBuilder),
    hooks: {
      // `builds/hooks` checks what a hook may be, with the same coded error.
      ...given.before !== undefined && { before: given.before as Hooks },
      ...given.after !== undefined && { after: given.after as Hooks },
      afterFailure: choice(`${option}.afterFailure`, given.afterFailure, 'warn', 'fail')
    },
    timeout: integer(`${option}.timeout`, given.timeout, 300_000, 1, 2 ** 31 - 1),
    ignore: parseRules(`${option}.ignore`, given.ignore)
  }
}
