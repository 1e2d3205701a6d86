// What `/esbuild` adds to esbuild: the outputs of the last good build stay, and are written only when they differ.
import { existsSync, readFileSync, statSync } from 'node:fs'
import type { Plugin } from 'esbuild'
import { test } from 'tap'
import { esbuild } from '../../lib/esbuild.js'
import { folder } from '../support/folder.js'
import { contextOf, requestOf } from './conformance.js'

test('the outputs of the last good build stay', async t => {
  const { path, at, write } = folder(t, { 'a.ts': 'export const a: number = 1\n', 'b.ts': 'export const b = 1\n' })
  const builder = esbuild({ entryPoints: [at('a.ts'), at('b.ts')], outdir: at('out/deep') })
  t.teardown(() => builder.close?.())
  const build = () => builder.build(requestOf({ cwd: path }), contextOf())

  t.match(await build(), { ok: true, outputs: [at('out/deep/a.js'), at('out/deep/b.js')] })
  const inode = statSync(at('out/deep/b.js'), { bigint: true }).mtimeNs

  write('a.ts', 'export const a: = 1\n')
  t.match(await build(), { ok: false, diagnostics: [{ file: at('a.ts'), line: 1 }] })
  t.match(readFileSync(at('out/deep/a.js'), 'utf8'), 'a = 1', 'a failure deletes nothing')

  write('a.ts', 'export const a = 2\n')
  t.match(await build(), { ok: true })
  t.match(readFileSync(at('out/deep/a.js'), 'utf8'), 'a = 2')
  t.equal(statSync(at('out/deep/b.js'), { bigint: true }).mtimeNs, inode, 'what is equal is not written')
})

test('an output that is no longer made is deleted, and told', async t => {
  const { path, at, write } = folder(t, { 'a.css': 'a { background: url(./one.svg) }', 'one.svg': '<svg>1</svg>' })
  const builder = esbuild({ entryPoints: [at('a.css')], bundle: true, outdir: at('out'), loader: { '.svg': 'file' }, assetNames: '[name]' })
  t.teardown(() => builder.close?.())
  const build = () => builder.build(requestOf({ cwd: path }), contextOf())
  await build()
  t.ok(existsSync(at('out/one.svg')))
  write('a.css', 'a { color: red }')
  t.match((await build()).outputs, [at('out/a.css'), at('out/one.svg')])
  t.notOk(existsSync(at('out/one.svg')))
})

test('plugins find the files, and `write: false` is left alone', async t => {
  const { path, at } = folder(t, { 'a.ts': 'export const a = 1\n' })
  const seen: boolean[] = []
  const plugin: Plugin = { name: 'see', setup: build => build.onEnd(() => { seen.push(existsSync(at('out/a.js'))) }) }
  for (const write of [false, undefined]) {
    const builder = esbuild({ entryPoints: [at('a.ts')], outdir: at('out'), plugins: [plugin], ...write === false && { write } })
    t.match(await builder.build(requestOf({ cwd: path }), contextOf()), { ok: true })
    await builder.close?.()
  }
  t.strictSame(seen, [false, true])
})

test('what can not be written is a failure', async t => {
  const { path, at } = folder(t, { 'a.ts': 'export const a = 1\n', out: 'a file' })
  const builder = esbuild({ entryPoints: [at('a.ts')], outdir: at('out') })
  t.teardown(() => builder.close?.())
  t.match(await builder.build(requestOf({ cwd: path }), contextOf()), { ok: false, diagnostics: [{ message: /^\[plugin live-reload\].*(ENOTDIR|EEXIST)/ }] })
})
