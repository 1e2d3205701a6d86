// Packages as npm would have installed them, for the option `importMap`.
import { type Folder, folder } from './folder.js'
import type { Test } from 'tap'

/** The working directory of an app: `node_modules` by package and path, and what else is there. Runs in it until the test ends. */
export function installed (t: Test, packages: Readonly<Record<string, Readonly<Record<string, string>>>>, files: Readonly<Record<string, string>> = {}): Folder {
  const modules = Object.entries(packages).flatMap(([name, content]) => Object.entries(content).map(([path, text]) => [`node_modules/${name}/${path}`, text]))
  const app = folder(t, { 'package.json': '{"type":"module"}', ...Object.fromEntries(modules), ...files })
  const before = process.cwd()
  process.chdir(app.path)
  t.teardown(() => process.chdir(before))
  return app
}

/** A `package.json`. */
export function manifest (fields: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ name: 'x', version: '1.2.3', ...fields })
}
