// The path of a URL -> the file of a root that answers it, by the rules that hold for who asks for it.
import { join } from 'node:path'
import type { Settings } from '../../options/parse.js'
import { createFileGate, type GateRoot } from '../../static/file-gate.js'
import { judgeTarget } from '../../static/path-gate.js'

/** `undefined` where no root has such a file, or may not serve it. */
export type FindScript = (path: string) => Promise<string | undefined>

/** `mount` is the prefix of the scope the plugin was registered in. */
export function createFindScript ({ roots }: Pick<Settings, 'roots'>, mount: string): FindScript {
  const places = roots.map(({ path, prefix, followSymlinks }) => {
    const root: GateRoot = { path, followSymlinks, dotfiles: 'ignore' }
    return { path, prefix: mount + prefix, gate: createFileGate(root) }
  })
  return async url => {
    for (const { path, prefix, gate } of places) {
      if (!url.startsWith(prefix)) continue
      const target = judgeTarget(url, prefix.split('/').length - 2)
      if (!target.ok || target.directory) continue
      // What is not there has no real path.
      const objection = await gate.objectTo(target.names).catch(() => 'it is not there')
      if (objection === undefined) return join(path, ...target.names)
    }
    return undefined
  }
}
