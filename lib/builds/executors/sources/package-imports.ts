// Names that begin with #: the nearest package.json says which files they are.
import { readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'

export interface PackageImport {
  readonly manifest: string
  /** Whatever the conditions: it does no harm to know of a file too many. */
  readonly targets: readonly string[]
}

/** What `name` stands for in `file`; `undefined` without a package.json that can be read. */
export async function findPackageImport (file: string, name: string): Promise<PackageImport | undefined> {
  for (let dir = dirname(file); ; dir = dirname(dir)) {
    const manifest = join(dir, 'package.json')
    const text = await readFile(manifest, 'utf8').catch(() => undefined)
    if (text !== undefined) return { manifest, targets: targetsIn(text, name).filter(target => target.startsWith('./')).map(target => resolve(dir, target)) }
    if (dir === dirname(dir)) return undefined
  }
}

function targetsIn (text: string, name: string): string[] {
  try {
    const { imports } = Object(JSON.parse(text)) as { imports?: unknown }
    return Object.entries(Object(imports)).flatMap(([key, target]) => {
      const part = partOf(name, key)
      return part === undefined ? [] : flatten(target).map(path => path.replaceAll('*', () => part))
    })
  } catch {
    // Node reports it when it loads the module.
    return []
  }
}

/** What the `*` of the key stands for, if the name fits. */
function partOf (name: string, key: string): string | undefined {
  const [before = '', after] = key.split('*')
  if (after === undefined) return name === key ? '' : undefined
  const fits = name.length >= before.length + after.length && name.startsWith(before) && name.endsWith(after)
  return fits ? name.slice(before.length, name.length - after.length) : undefined
}

function flatten (target: unknown): string[] {
  return typeof target === 'string' ? [target] : Object.values(Object(target)).flatMap(flatten)
}
