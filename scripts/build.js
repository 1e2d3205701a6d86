// tsc for the server, esbuild for the page: one command, one dist/.
import { execFileSync } from 'node:child_process'
import { copyFile, mkdir, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = new URL('../', import.meta.url)
const at = path => fileURLToPath(new URL(path, root))

await rm(at('dist'), { recursive: true, force: true })
execFileSync(process.execPath, [createRequire(import.meta.url).resolve('typescript/bin/tsc'), '-p', at('tsconfig.build.json')], { stdio: 'inherit' })
await mkdir(at('dist/lib/browser'), { recursive: true })
// A classic script for every page, and a module that it imports when there is something to show.
for (const [name, entry, format] of [['client.min.js', 'client.ts', 'iife'], ['overlay.min.js', 'overlay/overlay.ts', 'esm']]) {
  await build({
    entryPoints: [at(`lib/browser/${entry}`)],
    outfile: at(`lib/browser/${name}`),
    bundle: true,
    minify: true,
    format,
    target: ['chrome100', 'firefox100', 'safari15'],
    legalComments: 'none',
    logLevel: 'warning'
  })
  await copyFile(at(`lib/browser/${name}`), at(`dist/lib/browser/${name}`))
}
