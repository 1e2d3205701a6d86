// One build in the kinds of builders there are: a function in the server, a module in a child process, a program.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { BuildFunction, Builder } from '../../../types/build.js'
import { command } from '../../../lib/builds/builders/command.js'
import { Pool } from '../../../lib/builds/executors/pool.js'
import { ProcessMember } from '../../../lib/builds/executors/process.js'
import { inProcess } from '../../../lib/builds/builders/in-process.js'
import { isolated } from '../../../lib/builds/builders/isolated.js'
import type { Folder } from '../../support/folder.js'
import { plainLibrary } from '../../support/plain.js'

/** Makes builders of a module's text, whose default export is called with `outDir` alone. */
export type Kinds = (folder: Folder, text: string) => Promise<Record<'inProcess' | 'isolated' | 'command', Builder>>

/** The children are shared by all builds of a test file. */
export function builderKinds (after: (fn: () => unknown) => void): Kinds {
  const { path: library } = plainLibrary(after)
  const executor = new Pool({ kind: 'process', start: owner => new ProcessMember(owner, {}, join(library, 'lib/builds/executors/child.js')) })
  after(() => executor.close())
  return async ({ write }, text) => {
    const file = write('site.mjs', text)
    const url = pathToFileURL(file).href
    const run = `import { default as build } from '${url}'\nawait build({ outDir: process.env.LIVE_RELOAD_OUT_DIR })`
    return {
      inProcess: inProcess((await import(url) as { default: BuildFunction }).default),
      isolated: isolated(file, { executor }),
      command: command([process.execPath, '--input-type=module', '-e', run])
    }
  }
}
