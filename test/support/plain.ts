// The library as JavaScript, outside of the project: children and servers of the tests start as quickly as an app's.
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'

const project = fileURLToPath(new URL('../../', import.meta.url))

/** A directory with `lib/**.js`. What ran in it is not counted as coverage. */
export function plainLibrary (after: (fn: () => void) => void): { path: string, loaders: string[] } {
  const path = mkdtempSync(join(realpathSync(tmpdir()), 'live-reload-lib-'))
  after(() => rmSync(path, { recursive: true, force: true }))
  const files = readdirSync(join(project, 'lib'), { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ts') && !name.startsWith('browser'))
  buildSync({ entryPoints: files.map(name => join(project, 'lib', name)), outdir: path, outbase: project, format: 'esm', target: 'node20', logLevel: 'error' })
  // It names the version, and says that files are modules.
  copyFileSync(join(project, 'package.json'), join(path, 'package.json'))
  mkdirSync(join(path, 'lib/browser'), { recursive: true })
  for (const name of readdirSync(join(project, 'lib/browser'))) if (name.endsWith('.min.js')) copyFileSync(join(project, 'lib/browser', name), join(path, 'lib/browser', name))
  symlinkSync(join(project, 'node_modules'), join(path, 'node_modules'), 'junction')
  // The loaders of the tests are no part of an app.
  return { path, loaders: process.execArgv.splice(0) }
}
