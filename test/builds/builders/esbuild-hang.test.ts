// A plugin of esbuild that never settles: the process must be able to end after close().
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { pathToFileURL } from 'node:url'
import { after, test } from 'tap'
import { folder } from '../../support/folder.js'
import { plainLibrary } from '../../support/plain.js'

const { path: library } = plainLibrary(after)
const MODULE = pathToFileURL(join(library, 'lib/builds/builders/esbuild.js')).href

const PLACES: Readonly<Record<string, string>> = {
  setup: 'never()',
  onStart: 'build.onStart(never)',
  onResolve: 'build.onResolve({ filter: /./ }, never)',
  onLoad: 'build.onLoad({ filter: /./ }, never)',
  onEnd: 'build.onEnd(never)'
}

for (const [name, hang] of Object.entries(PLACES)) {
  test(`a plugin that hangs in ${name} does not keep the process after close(), and builds of others go on`, async t => {
    const { path } = folder(t, {
      'a.js': '1',
      'run.mjs': `
import { esbuild } from ${JSON.stringify(MODULE)}
let begun
const hangs = new Promise(resolve => { begun = resolve })
const never = () => { begun(); return new Promise(() => {}) }
const hung = esbuild({ entryPoints: ['a.js'], outdir: 'out', plugins: [{ name: 'p', setup: build => ${hang} }] })
const other = esbuild({ entryPoints: ['a.js'], outdir: 'other' })
const build = (builder, signal) => builder.build({ id: '1', reason: 'start', cwd: process.cwd(), changed: [], incremental: false }, { signal, log () {}, progress () {} })
const stop = new AbortController()
await build(other, stop.signal)
const stale = build(hung, stop.signal)
await hangs
stop.abort(new Error('stale'))
await stale.catch(error => console.log(error.message))
await hung.close()
console.log((await build(other, new AbortController().signal)).ok)
await other.close()
`
    })
    const { stdout } = await promisify(execFile)(process.execPath, ['run.mjs'], { cwd: path, timeout: 30_000 })
    t.equal(stdout, 'stale\ntrue\n')
  })
}
