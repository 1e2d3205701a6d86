import { existsSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs'
import { test } from 'tap'
import { esbuild } from '../../../lib/builds/builders/esbuild.js'
import { staged } from '../../../lib/builds/builders/staging.js'
import { contextOf, requestOf } from './conformance.js'
import { folder } from '../../support/folder.js'
import { onLinux } from '../../support/system.js'

test('errors and warnings with place and frame, outputs from the metafile', async t => {
  const { path, at, write } = folder(t, { 'src/a.ts': 'import "./b.js"\nconst é: number = 1\nglobalThis.shown = é', 'src/b.js': 'export {}\nif (typeof x === "nul") {}' })
  const builder = esbuild({ entryPoints: ['src/a.ts'], bundle: true, outdir: 'dist', sourcemap: true })
  t.equal(builder.name, 'esbuild')
  const request = requestOf({ cwd: path })
  const first = await builder.build(request, contextOf())
  t.match(first, { ok: true, outputs: [at('dist/a.js.map'), at('dist/a.js')], diagnostics: [{ severity: 'warning', file: at('src/b.js'), line: 2, frame: /> 2 \| if/ }] })
  write('src/a.ts', '// é\nlet é = "ü"; import "./nope"')
  const broken = await builder.build(request, contextOf())
  t.match(broken, { ok: false, diagnostics: [{ severity: 'error', message: /Could not resolve "\.\/nope"/, file: at('src/a.ts'), line: 2, column: 21, frame: /> 2 \| let é/ }] })
  t.match(readFileSync(at('dist/a.js'), 'utf8'), /globalThis\.shown/, 'the last good output stays')
  write('src/a.ts', 'globalThis.shown = 2')
  t.match(await builder.build(request, contextOf()), { ok: true, diagnostics: [] })
  await builder.close?.()
  await builder.close?.()
})

test('an output that something else has changed is written again; one that nobody has changed is not', async t => {
  const { path, at, write } = folder(t, { 'a.js': 'globalThis.shown = "new"', 'b.js': '' })
  const builder = esbuild({ entryPoints: ['a.js', 'b.js'], outdir: 'dist' })
  const build = () => builder.build(requestOf({ cwd: path }), contextOf())
  await build()
  const before = statSync(at('dist/b.js')).ino
  write('dist/a.js', 'globalThis.shown = "old"')
  t.match(await build(), { ok: true })
  t.match(readFileSync(at('dist/a.js'), 'utf8'), /"new"/)
  t.equal(statSync(at('dist/b.js')).ino, before)
  rmSync(at('dist/a.js'))
  t.match(await build(), { ok: true })
  t.match(readFileSync(at('dist/a.js'), 'utf8'), /"new"/)
  await builder.close?.()
})

test('mistakes in the configuration, and of plugins', async t => {
  const { path } = folder(t, { 'a.js': '' })
  const request = requestOf({ cwd: path })
  const cases: [Parameters<typeof esbuild>[0], RegExp][] = [
    [{ entryPoints: ['nope.js'] }, /Could not resolve "nope\.js"/],
    [{ nope: 1 } as never, /Invalid option.*nope/],
    [{ entryPoints: ['a.js'], outfile: 'a.js' }, /a\.js would overwrite an input/],
    [{ entryPoints: ['a.js'], outdir: 'x', plugins: [{ name: 'p', setup () { throw new Error('in setup', { cause: new TypeError('why') }) } }] }, /^\[plugin p\] in setup \(TypeError: why\)/],
    [{ entryPoints: ['a.js'], outdir: 'x', plugins: [{ name: 'p', setup (build) { build.onLoad({ filter: /a/ }, () => ({ errors: [{ text: 'of p', location: { file: 'virtual', namespace: 'v', line: 3, column: 1, lineText: 'abc' }, notes: [{ text: 'a note' }] }] })) } }] }, /^\[plugin p\] of p\na note$/]
  ]
  for (const [options, message] of cases) {
    const builder = esbuild(options, { name: 'mine' })
    const result = await builder.build(request, contextOf())
    t.match(result, { ok: false, diagnostics: [{ severity: 'error', message }] }, String(message))
    t.match(await builder.build(request, contextOf()), { ok: false }, 'and again')
    await builder.close?.()
  }
  const virtual = esbuild(cases[4]?.[0] as object)
  t.match((await virtual.build(request, contextOf())).diagnostics, [{ file: 'virtual', line: 3, frame: /> 3 \| abc/ }])
  await virtual.close?.()
  for (const [error, message] of [[Object.assign(new Error("Cannot find package 'esbuild' imported from x"), { code: 'ERR_MODULE_NOT_FOUND' }), /npm install --save-dev esbuild/], [new Error('other'), /^other$/]] as const) {
    t.match(await esbuild({}, {}, async () => { throw error }).build(request, contextOf()), { ok: false, diagnostics: [{ message }] })
  }
})

test('an abort cancels, and a plugin that hangs does not block the next build forever', async t => {
  const { path } = folder(t, { 'a.js': '1' })
  let hang = true
  let release = () => {}
  const builder = esbuild({
    entryPoints: ['a.js'],
    outdir: 'dist',
    plugins: [{ name: 'slow', setup (build) { build.onStart(() => { if (hang) return new Promise<void>(resolve => { release = resolve }); return undefined }) } }]
  })
  const stop = new AbortController()
  const stale = builder.build(requestOf({ cwd: path }), contextOf(stop.signal))
  setTimeout(() => stop.abort(new Error('stale')), 100)
  await t.rejects(stale, { message: 'stale' })
  hang = false
  t.match(await builder.build(requestOf({ cwd: path }), contextOf()), { ok: true })
  release()
  await t.rejects(builder.build(requestOf({ cwd: path }), contextOf(AbortSignal.abort(new Error('before')))), { message: 'before' })
  await builder.close?.()
})

test('a service that was killed, also in the middle of a build, is started anew', onLinux, async t => {
  const { path, at, write } = folder(t, { 'a.js': 'globalThis.shown = 1' })
  const own = (pid: string) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('--service=') && readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[1] === String(process.pid)
    } catch {
      return false
    }
  }
  const kill = () => readdirSync('/proc').filter(name => /^\d+$/.test(name) && own(name)).map(pid => process.kill(Number(pid), 'SIGKILL'))
  const asked: string[] = []
  let deaths = 0
  const builder = esbuild({
    entryPoints: ['a.js'],
    outdir: 'dist',
    plugins: [{
      name: 'deadly',
      setup (build) {
        build.onStart(() => {
          asked.push('start')
          if (deaths-- <= 0) return undefined
          kill()
          return new Promise(() => {})
        })
      }
    }]
  })
  const build = () => builder.build(requestOf({ cwd: path }), contextOf())
  t.match(await build(), { ok: true })
  const other = esbuild({ entryPoints: ['a.js'], outdir: 'other' })
  t.match(await other.build(requestOf({ cwd: path }), contextOf()), { ok: true })
  t.equal(kill().length, 1)
  write('a.js', 'globalThis.shown = 2')
  t.match(await build(), { ok: true })
  t.match(readFileSync(at('dist/a.js'), 'utf8'), /2/)
  t.match(await other.build(requestOf({ cwd: path }), contextOf()), { ok: true }, 'and for who shares it')
  asked.length = 0
  deaths = 1
  t.match(await build(), { ok: true }, 'killed once')
  t.equal(asked.length, 2)
  deaths = 2
  t.match(await build(), { ok: false, diagnostics: [{ message: /service was stopped/ }] }, 'killed by what it builds')
  t.match(await build(), { ok: true })
  await Promise.all([builder.close?.(), other.close?.()])
})

test('staged: writes to request.outDir', async t => {
  const { path, at, write } = folder(t, { 'a.js': 'globalThis.shown = 1' })
  const builder = staged(esbuild({ entryPoints: ['a.js'], outdir: 'ignored' }), { dir: at('dist') })
  t.match(await builder.build(requestOf({ cwd: path }), contextOf()), { ok: true, outputs: [at('dist/a.js')] })
  write('a.js', 'globalThis.shown = 2')
  t.match(await builder.build(requestOf({ cwd: path }), contextOf()), { ok: true, outputs: [at('dist/a.js')] })
  t.match(readFileSync(at('dist/a.js'), 'utf8'), /2/)
  await builder.close?.()
  const moving = esbuild({ entryPoints: ['a.js'], outdir: 'one' })
  const memory = esbuild({ entryPoints: ['a.js'], outdir: 'memory', write: false })
  t.match(await memory.build(requestOf({ cwd: path }), contextOf()), { ok: true })
  t.notOk(existsSync(at('memory')))
  await memory.close?.()
  const over = esbuild({ entryPoints: ['a.js'], outdir: '.', allowOverwrite: true })
  t.match(await over.build(requestOf({ cwd: path }), contextOf()), { ok: true, outputs: [at('a.js')] })
  await over.close?.()
  t.match(await moving.build(requestOf({ cwd: path }), contextOf()), { outputs: [at('one/a.js')] })
  t.match(await moving.build(requestOf({ cwd: path, outDir: at('two') }), contextOf()), { outputs: [at('two/a.js')] })
  await moving.close?.()
})
