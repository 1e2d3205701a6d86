// Builds dist/: bundles of the server with source maps, their declarations, and the scripts of the page.
import { execFileSync } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { declareForRequire, pruneDeclarations } from './declarations.js'
import { buildPage } from './page.js'
import { bundleServer } from './server.js'

const at = path => fileURLToPath(new URL(`../${path}`, import.meta.url))
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')

await rm(at('dist'), { recursive: true, force: true })
execFileSync(process.execPath, [tsc, '-p', at('tsconfig.build.json')], { stdio: 'inherit' })
await pruneDeclarations(at('dist'), [at('dist/lib/index.d.ts'), at('dist/lib/builds/builders/esbuild.d.ts'), at('dist/lib/entries/shards/index.d.ts'), at('dist/lib/entries/distributed/index.d.ts'), at('dist/lib/entries/dev/index.d.ts'), at('dist/lib/entries/testing/index.d.ts'), at('dist/lib/entries/cluster/index.d.ts'), at('dist/lib/entries/views/index.d.ts')])
await declareForRequire(at('dist/lib/index.d.ts'), { main: 'liveReload' })
await declareForRequire(at('dist/lib/builds/builders/esbuild.d.ts'), { values: ['esbuild'] })
await declareForRequire(at('dist/lib/entries/shards/index.d.ts'), { values: ['sharded', 'by', 'fileCache', 'local', 'mergeSite', 'mergeSitemap', 'mergeFeeds', 'mergeLinks', 'mergeTags', 'tagPages', 'tagsOf', 'mergeSearch', 'searchPages', 'inlineExecutor', 'processExecutor', 'threadExecutor'] })
await declareForRequire(at('dist/lib/entries/distributed/index.d.ts'), { values: ['distributed', 'serveShards'] })
await declareForRequire(at('dist/lib/entries/dev/index.d.ts'), { values: ['devCertificate', 'listen'] })
await declareForRequire(at('dist/lib/entries/testing/index.d.ts'), { values: ['applied', 'change', 'connect', 'contextOf', 'manualClock', 'requestOf', 'testBackend', 'testBuilder'] })
await declareForRequire(at('dist/lib/entries/cluster/index.d.ts'), { values: ['shareTabs'] })
await declareForRequire(at('dist/lib/entries/views/index.d.ts'), { values: ['viewFiles'] })
await bundleServer(at('lib'), at('dist/lib'), ['index.ts', 'builds/builders/esbuild.ts', 'entries/shards/index.ts', 'entries/distributed/index.ts', 'entries/dev/index.ts', 'entries/testing/index.ts', 'entries/cluster/index.ts', 'entries/views/index.ts'], 'entries/cli/cli.ts')
await buildPage(at('lib/browser'), at('dist/lib/browser'))
