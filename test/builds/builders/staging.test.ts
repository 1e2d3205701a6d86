// Output that is swapped in only after success. Real directories, real mounts, real readers.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, test, type Test } from 'tap'
import type { BuildFunction } from '../../../types/build.js'
import { command } from '../../../lib/builds/builders/command.js'
import { inProcess } from '../../../lib/builds/builders/in-process.js'
import { inSafeOrder } from '../../../lib/builds/builders/publish.js'
import { staged } from '../../../lib/builds/builders/staging.js'
import { folder } from '../../support/folder.js'
import { onPosix } from '../../support/system.js'
import { contextOf, requestOf } from './conformance.js'
import { builderKinds } from './kinds.js'

const kinds = builderKinds(after)

function project (t: Test, files: Record<string, string> = {}) {
  const at = folder(t, files)
  const dir = at.at('dist')
  return {
    ...at,
    dir,
    request: requestOf({ cwd: at.path }),
    of: (run: (write: (name: string, text: string | Buffer) => void, out: string) => ReturnType<BuildFunction>) => staged(inProcess(({ outDir }) => {
      const out = outDir as string
      return run((name, text) => {
        mkdirSync(join(out, name, '..'), { recursive: true })
        writeFileSync(join(out, name), text)
      }, out)
    }), { dir }),
    list: (path = dir) => existsSync(path) ? readdirSync(path, { recursive: true, encoding: 'utf8' }).sort() : []
  }
}

test('half written, then failed: nothing of it is served', async t => {
  const at = folder(t, { 'site/dist/old.html': 'old' })
  const dir = at.at('site/dist')
  const builders = await kinds(at, `import { writeFileSync } from 'node:fs'
export default ({ outDir }) => {
  writeFileSync(outDir + '/new.html', 'new')
  writeFileSync(outDir + '/old.html', 'half')
  throw new Error('broken on purpose')
}`)
  for (const [kind, builder] of Object.entries(builders)) {
    const whole = staged(builder, { dir })
    t.match(await whole.build(requestOf({ cwd: at.path }), contextOf()), { ok: false, diagnostics: [{ message: /broken on purpose/ }] }, kind)
    t.strictSame(readdirSync(dir), ['old.html'])
    t.equal(readFileSync(join(dir, 'old.html'), 'utf8'), 'old')
    await whole.close?.()
    t.strictSame(readdirSync(at.at('site')), ['dist'], 'no staging directory is left')
  }
})

test('a function, as everywhere', async t => {
  const { request, dir, list } = project(t)
  const builder = staged(({ outDir }) => { writeFileSync(join(outDir as string, 'a.html'), 'a') }, { dir })
  t.match(await builder.build(request, contextOf()), { ok: true, outputs: [join(dir, 'a.html')] })
  t.strictSame(list(), ['a.html'])
  await builder.close?.()
})

test('only what differs is moved; what a build no longer makes is deleted, what others made is not', onPosix, async t => {
  const { of, request, list, dir } = project(t, { 'dist/by-hand.txt': 'x' })
  let round = 0
  const builder = of((write, out) => {
    rmSync(out, { recursive: true })
    mkdirSync(out)
    write('same.css', 'a'.repeat(600_000))
    write('page.html', String(round))
    if (round === 0) write('deep/er/gone.js', '1')
    if (round === 0) write('deep/stays.js', '1')
    if (round === 1) write('deep/stays.js', '1')
    symlinkSync('/etc/passwd', join(out, 'link'))
    round++
    return { outputs: [join(out, 'page.html')], diagnostics: [{ severity: 'warning', message: 'hm', file: join(out, 'page.html') }, { severity: 'warning', message: 'hm', file: '/elsewhere' }] }
  })
  const first = await builder.build(request, contextOf())
  t.match(first, { ok: true, diagnostics: [{ file: join(dir, 'page.html') }, { file: '/elsewhere' }] })
  t.strictSame([...first.outputs ?? []].sort(), ['deep/er/gone.js', 'deep/stays.js', 'page.html', 'same.css'].map(name => join(dir, name)).sort())
  const second = await builder.build(request, contextOf())
  t.strictSame(second.outputs, [join(dir, 'page.html'), join(dir, 'deep/er/gone.js')])
  t.strictSame(list(), ['by-hand.txt', 'deep', 'deep/stays.js', 'page.html', 'same.css'])
  await builder.close?.()
})

test('an output outside of the directory is refused', async t => {
  const { of, request, list } = project(t)
  for (const outside of ['../x', '/etc/passwd']) {
    const builder = of(write => {
      write('a.html', '1')
      return { outputs: [outside] }
    })
    t.match(await builder.build(request, contextOf()), { ok: false, diagnostics: [{ message: /which is not in its output directory/ }] }, outside)
    await builder.close?.()
  }
  t.strictSame(list(), [])
})

test('readers of the disk during many swaps: each file entirely old or entirely new, never missing', async t => {
  const { of, request, dir } = project(t)
  let round = 0
  const builder = of(write => {
    round++
    for (const name of ['a.css', 'b.js', 'index.html']) write(name, `${round} `.repeat(20_000))
  })
  await builder.build(request, contextOf())
  let reads = 0
  let over = false
  const reader = async (name: string) => {
    for (;;) {
      if (over) return
      const text = await readFile(join(dir, name), 'utf8')
      const [first] = text.split(' ', 1)
      if (text !== `${first} `.repeat(20_000)) t.fail('a torn file')
      reads++
    }
  }
  const readers = ['a.css', 'b.js', 'index.html', 'index.html'].map(reader)
  for (let i = 0; i < 60; i++) t.equal((await builder.build(request, contextOf())).ok, true)
  over = true
  await Promise.all(readers)
  t.ok(reads > 60, `${reads} reads`)
  await builder.close?.()
})

test('what is closed badly leaves no staging directory either', async t => {
  const { request, dir, path } = project(t)
  const builder = staged({ name: 'own', build: async () => ({ ok: true, ms: 1, diagnostics: [] }), async close () { throw new Error('no') } }, { dir })
  t.match(await builder.build(request, contextOf()), { ok: true })
  await t.rejects(Promise.resolve(builder.close?.()), { message: 'no' })
  t.strictSame(readdirSync(path), [])
})

test('documents come after what they name', async t => {
  t.strictSame(inSafeOrder(['index.html', 'b.js', 'data.json', 'a/page.HTM', 'a.css', 'a.js.map']), ['a.css', 'b.js', 'a.js.map', 'data.json', 'a/page.HTM', 'index.html'])
})

test('a file that becomes a directory, and a directory that becomes a file', async t => {
  const { of, request, list, dir } = project(t)
  let names = ['docs', 'other']
  const builder = of((write, out) => {
    rmSync(out, { recursive: true })
    for (const name of names) write(name, name)
  })
  for (const [next, files] of [[['docs', 'other'], ['docs', 'other']], [['docs/a/index.html'], ['docs', 'docs/a', 'docs/a/index.html']], [['docs/a', 'docs/b'], ['docs', 'docs/a', 'docs/b']], [['docs'], ['docs']]] as const) {
    names = [...next]
    t.match(await builder.build(request, contextOf()), { ok: true, diagnostics: [] })
    t.strictSame(list().map(name => name.replaceAll('\\', '/')), files)
  }
  t.equal(readFileSync(join(dir, 'docs'), 'utf8'), 'docs')
})

test('two builders into one directory: neither meets what the other is writing', async t => {
  const { of, request, list, path } = project(t)
  let written = () => {}
  let fail = () => {}
  const half = new Promise<void>(resolve => { written = resolve })
  const pages = of(async write => {
    write('index.html', 'half')
    written()
    await new Promise((_resolve, reject) => { fail = () => reject(new Error('broken on purpose')) })
  })
  const styles = of(write => write('a.css', 'a'))
  const failing = pages.build(request, contextOf())
  await half
  t.match(await styles.build(request, contextOf()), { ok: true })
  t.strictSame(list(), ['a.css'])
  await styles.close?.()
  t.equal(readdirSync(path).length, 2, 'what the other one has stays')
  fail()
  t.match(await failing, { ok: false })
  await pages.close?.()
  t.strictSame([list(), readdirSync(path)], [['a.css'], ['dist']])
})

test('directories of dead servers are removed, those of running servers are reported', onPosix, async t => {
  const dead = spawn('true')
  await new Promise(resolve => dead.once('exit', resolve))
  const other = spawn('sleep', ['60'])
  t.teardown(() => { other.kill() })
  const { of, request, path } = project(t, {
    [`.dist.live-reload-${dead.pid}/x`]: '',
    [`.dist.live-reload-${dead.pid}-swap/x`]: '',
    [`.dist.live-reload-${other.pid}/x`]: '',
    [`.dist.live-reload-${process.pid}-swap/x`]: '',
    '.distx.live-reload-1/x': ''
  })
  const builder = of(write => write('a.html', '1'))
  const context = contextOf()
  for (let i = 0; i < 2; i++) t.match(await builder.build(request, context), { ok: true })
  t.match(context.lines, [new RegExp(`another server builds into .*dist as well \\(pid ${other.pid}\\)`)])
  await builder.close?.()
  t.strictSame(readdirSync(path).sort(), [`.dist.live-reload-${other.pid}`, '.distx.live-reload-1', 'dist'])
})

test('a command gets the directory; an abort moves nothing', async t => {
  const { dir, request, list } = project(t)
  const builder = staged(command(['sh', '-c', 'echo a > "$1/a.html"; echo b > "$LIVE_RELOAD_OUT_DIR/b.html"', 'sh', '{outDir}']), { dir })
  t.match(await builder.build(request, contextOf()), { ok: true })
  t.strictSame(list(), ['a.html', 'b.html'])
  builder.warm?.()
  await builder.close?.()
  let warmed = 0
  staged({ ...builder, warm () { warmed++ } }, { dir }).warm?.()
  t.equal(warmed, 1)
  mkdirSync(join(dir, 'b.html.d', 'full'), { recursive: true })
  const blocked = staged(command(['sh', '-c', 'echo a > "$LIVE_RELOAD_OUT_DIR/b.html.d"']), { dir })
  t.match(await blocked.build(request, contextOf()), { ok: false, diagnostics: [{ message: /E(ISDIR|NOTEMPTY|EXIST)/ }] }, 'a directory in the way')
  await blocked.close?.()
  rmSync(join(dir, 'b.html.d'), { recursive: true })
  const stop = new AbortController()
  const slow = staged({
    name: 'slow',
    async build ({ outDir }) {
      writeFileSync(join(outDir as string, 'c.html'), '')
      stop.abort(new Error('stale'))
      return { ok: true, ms: 1, diagnostics: [] }
    }
  }, { dir })
  t.equal(slow.name, 'slow')
  slow.warm?.()
  await t.rejects(slow.build(request, contextOf(stop.signal)), { message: 'stale' })
  await slow.close?.()
  t.strictSame(list(), ['a.html', 'b.html'])
  t.throws(() => staged(inProcess(() => {}), {} as never), { code: 'FST_LIVE_RELOAD_INVALID_OPTION' })
})
