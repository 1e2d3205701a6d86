// Which builds that fail say that they left their output as it was. Only then does the log say so.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import type { Builder, BuildFunction } from '../../../types/build.js'
import { esbuild } from '../../../lib/builds/builders/esbuild.js'
import { inProcess } from '../../../lib/builds/builders/in-process.js'
import { staged } from '../../../lib/builds/builders/staging.js'
import { steps } from '../../../lib/builds/builders/steps.js'
import { withHooks, type HookOptions } from '../../../lib/builds/hooks/hooks.js'
import { startApp } from '../../support/app.js'
import { folder } from '../../support/folder.js'
import { until } from '../../support/wait.js'
import { contextOf, requestOf } from './conformance.js'
import { smallSite } from '../../entries/shards/small-site.js'

const fails = () => { throw new Error('bad source') }
const hooked = (builder: Builder, options: HookOptions): Builder => {
  const around = withHooks(builder, options)
  return { ...around, build: (request, context) => around.build(request, context, { begin () {}, takeChanges: async () => [], end () {} }) }
}

test('staged() and esbuild() leave their output as it was, others say nothing of it', async t => {
  const { path, at } = folder(t, { 'site/a.html': 'good', 'bad.js': 'const' })
  const request = requestOf({ cwd: path })
  const stage = (run: BuildFunction) => staged(run, { dir: at('site') })
  const cases: [name: string, builder: Builder, kept: boolean | undefined][] = [
    ['a function', inProcess(fails), undefined],
    ['a function that says so', inProcess(() => ({ ok: false, outputKept: true })), true],
    ['staged()', stage(fails), true],
    ['staged(), and written elsewhere', stage(() => ({ outputs: [at('bad.js')] })), false],
    ['staged(), and moved half way', stage(({ outDir = '' }) => {
      writeFileSync(join(outDir, 'a.html'), 'new')
      mkdirSync(at('site/b.html/c'), { recursive: true })
      writeFileSync(join(outDir, 'b.html'), 'new')
    }), false],
    ['esbuild()', esbuild({ entryPoints: ['bad.js'], outdir: 'site' }), true],
    ['esbuild() that does not start', esbuild({ entryPoints: ['bad.js'], outdir: 'site' }, {}, fails), undefined],
    ['a first step that is staged', steps(stage(fails)), true],
    ['a later step', steps(() => {}, stage(fails)), undefined],
    ['behind a hook', hooked(stage(fails), { before: () => {} }), undefined],
    ['before a hook', hooked(stage(fails), { after: () => {} }), true]
  ]
  for (const [name, builder, kept] of cases) {
    const { ok, outputKept } = await builder.build(request, contextOf())
    t.strictSame([ok, outputKept], [false, kept], name)
    t.equal(readFileSync(at('site/a.html'), 'utf8'), name.includes('half way') ? 'new' : 'good', name)
    writeFileSync(at('site/a.html'), 'good')
    rmSync(at('site/b.html'), { recursive: true, force: true })
    await builder.close?.()
  }
  t.match(await stage(({ outDir = '' }) => {
    mkdirSync(at('site/b.html/c'), { recursive: true })
    writeFileSync(join(outDir, 'b.html'), 'new')
  }).build(request, contextOf()), { diagnostics: [{ message: /site, where some files may be new already: / }] })
})

test('sharded() leaves its output as it was, unless a page that tabs show was there earlier', async t => {
  const site = smallSite(t, { 'a.txt': 'one', 'b.txt': 'two' })
  const builder = site.builder({ shards: 2 })
  t.match(await site.build(builder), { ok: true, outputKept: undefined })
  site.write('src/b.txt', 'throw')
  t.match(await site.build(builder), { ok: false, outputKept: true })
  site.write('src/a.txt', 'new')
  const early: string[] = []
  const context = { ...contextOf(), publish: async (outputs: readonly string[]) => { early.push(...outputs) } }
  t.match(await builder.build(requestOf({ cwd: site.at('.'), viewed: ['/a.html'] }), context), { ok: false, outputKept: early.length === 0 })
  t.strictSame(early, [site.at('out/a.html')])
  t.match(await site.build(site.builder({ pages: fails })), { ok: false, outputKept: true })
})

test('the log says that the output stays only where it is so', async t => {
  const { at, write } = folder(t, { 'src/a.md': 'a' })
  const overwrites = () => {
    write('out/index.html', '')
    fails()
  }
  const { lines } = await startApp(t, {
    root: at('out'),
    build: [
      { name: 'own', source: at('src'), builder: overwrites },
      { name: 'staged', source: at('src'), builder: staged(fails, { dir: at('staged') }) }
    ]
  })
  const of = (name: string) => until(() => lines.map(line => (JSON.parse(line) as { msg: string }).msg).find(msg => msg.startsWith(`build "${name}" failed`)), name)
  t.match(await of('own'), /: bad source(?: \(.*\))?; tabs keep what they show$/)
  t.match(await of('staged'), /: bad source(?: \(.*\))?; its output stays as it was$/)
})
