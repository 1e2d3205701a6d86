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
await build({
  entryPoints: [at('lib/browser/client.ts')],
  outfile: at('lib/browser/client.min.js'),
  bundle: true,
  minify: true,
  format: 'iife',
  target: ['chrome100', 'firefox100', 'safari15'],
  legalComments: 'none',
  logLevel: 'warning'
})
await mkdir(at('dist/lib/browser'), { recursive: true })
await copyFile(at('lib/browser/client.min.js'), at('dist/lib/browser/client.min.js'))
