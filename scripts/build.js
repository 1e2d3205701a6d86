// tsc for the server, esbuild and terser for the page: one command, one dist/.
import { execFileSync } from 'node:child_process'
import { copyFile, mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildScript } from './page.js'

const root = new URL('../', import.meta.url)
const at = path => fileURLToPath(new URL(path, root))

await rm(at('dist'), { recursive: true, force: true })
execFileSync(process.execPath, [createRequire(import.meta.url).resolve('typescript/bin/tsc'), '-p', at('tsconfig.build.json')], { stdio: 'inherit' })
await prune(at('dist'), [at('dist/lib/index.d.ts'), at('dist/lib/esbuild.d.ts')])
await mkdir(at('dist/lib/browser'), { recursive: true })
// A classic script for every page, modules that it imports when there is something to show or to do, and the script of the status page.
for (const [name, entry, format] of [
  ['client.min.js', 'client.ts', 'iife'],
  ['console.min.js', 'console.ts', 'iife'],
  ['more.min.js', 'more.ts', 'esm'],
  ['morph.min.js', 'morph/morph.ts', 'esm'],
  ['status.min.js', 'status/page.ts', 'iife']
]) {
  await buildScript(at(`lib/browser/${entry}`), at(`lib/browser/${name}`), format, name === 'console.min.js')
  await copyFile(at(`lib/browser/${name}`), at(`dist/lib/browser/${name}`))
}

/** Declarations that no entry leads to are of no use to anybody, and neither are the modules that held only types. */
async function prune (dist, entries) {
  const reached = new Set(entries)
  for (const file of reached) {
    for (const [, name] of (await readFile(file, 'utf8')).matchAll(/(?:from|import\() ?['"](\.{1,2}\/[^'"]+)\.js['"]/g)) reached.add(`${resolve(file, '..', name)}.d.ts`)
  }
  for (const name of await readdir(dist, { recursive: true })) {
    const file = join(dist, name)
    const unreached = file.endsWith('.d.ts') && !reached.has(file)
    if (unreached || (name.endsWith('.js') && /^(?:\/\/.*\n)*export \{\};\s*$/.test(await readFile(file, 'utf8')))) await rm(file)
  }
}
