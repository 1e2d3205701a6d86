// The option `importMap`: names of libraries. Whether they are installed is found out where they are served.
import { check, matching } from './check.js'

const NAME = matching(/^(?:@[\w~-][\w.~-]*\/)?[\w~-][\w.~-]*(?:\/(?!\.\.?(?:\/|$))[\w.~@+-]+)*$/)

export function parseImportMap (raw: unknown): string[] {
  const list = check('importMap', raw === undefined ? [] : raw, 'a list of libraries as pages import them, such as ["htmx.org", "lit/decorators.js"]', (v): v is unknown[] => Array.isArray(v))
  return [...new Set(list.map((one, i) => check(`importMap[${i}]`, one, 'a library as pages import it, such as "lit" or "lit/decorators.js"', NAME)))]
}
