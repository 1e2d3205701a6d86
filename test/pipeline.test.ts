import { rmSync, writeFileSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { basename } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import Fastify from 'fastify'
import { test, type Test } from 'tap'
import liveReload from '../lib/index.js'
import './support/preload.js'
import { parseOptions } from '../lib/options/parse.js'
import { createPipeline } from '../lib/pipeline.js'
import { clock } from '../lib/shared/clock.js'
import type { BuildRequest } from '../types/build.js'
import type { ServerMessage } from '../types/message.js'
import type { LiveReloadEvents } from '../types/events.js'
import type { LiveReloadOptions } from '../types/options.js'
import { startApp } from './support/app.js'
import { folder } from './support/folder.js'
import { until } from './support/wait.js'

test('a command alone is a builder, named after its program', async t => {
  const { at } = folder(t, { 'src/a.md': 'a', 'build.js': '' })
  const { app, lines } = await startApp(t, { build: [{ source: at('src'), builder: `node ${at('build.js')}` }, { source: at('src'), builder: ['node', '-e', 'process.exit(3)'] }] })
  t.match(app.liveReload.status().builds, { [`node ${at('build.js')}`.slice(0, 60)]: { state: 'ok' }, node: { state: 'failed' } })
  t.match(lines.join('\n'), /build \\"node\\" failed after /)
  await t.rejects(async () => startApp(t, { build: { source: at('src'), builder: 'tsc && sass' } }), { code: 'FST_LIVE_RELOAD_INVALID_COMMAND', message: /shell syntax \(&&\)/ })
})

test('sources are built, outputs announced once when the build has ended', async t => {
  const { at, write } = folder(t, { 'src/a.md': 'a', 'src/b.md': 'b' })
  const requests: BuildRequest[] = []
  const { app, tab, lines } = await startApp(t, {
    root: at('out'),
    build: {
      source: at('src'),
      include: ['*.md'],
      builder: async (request, { progress, log }) => {
        requests.push(request)
        log('working')
        for (let i = 1; i <= 3; i++) {
          write(`out/${i}.html`, `${request.id} ${i}`)
          progress({ label: 'pages', done: i, total: 3 })
          await sleep(5)
        }
        return { pages: 3 }
      }
    }
  })
  t.match(requests, [{ reason: 'start', changed: [], incremental: false, cwd: process.cwd() }])
  const { got, reloads } = await tab()
  const progress: number[] = []
  app.liveReload.on('build:progress', event => { progress.push(event.progress.done) })
  const ended = new Promise(resolve => app.liveReload.on('build:end', resolve))
  writeFileSync(at('src/c.txt'), 'left out')
  writeFileSync(at('src/a.md'), 'changed')
  t.match(await ended, { name: 'build', result: { ok: true, pages: 3 } })
  await until(reloads, 'told')
  t.match(requests[1], { reason: 'change', changed: [at('src/a.md')], incremental: true })
  t.same(progress, [1, 2, 3])
  t.same(got.map(message => message.type === 'build' ? message.state : message.type), ['hello', 'started', 'progress', 'progress', 'progress', 'ok', 'reload'])
  t.match(got.at(-1), { type: 'reload', paths: [/1\.html/, /2\.html/, /3\.html/] })
  t.ok(lines.some(line => line.includes('build: working')))
  t.ok(lines.some(line => /build finished in \d+ ms/.test(line)))
})

test('a change was sent to tabs when listeners hear of it, and they hear of the message after it', async t => {
  const { at } = folder(t, { 'public/a.css': 'a' })
  const { app: { liveReload: live } } = await startApp(t, { root: at('public') })
  const heard: unknown[] = []
  live.on('change', () => { heard.push(['change', live.status().seq]) })
  live.on('send', ({ message }) => { if (message.type === 'update') heard.push(['update', message.seq]) })
  writeFileSync(at('public/a.css'), 'b')
  await until(() => heard.length > 1, 'both')
  t.same(heard.slice(0, 2), [['change', 1], ['update', 1]])
})

/** Names of the files that a reload is about. */
const paths = (message?: ServerMessage) => message?.type === 'reload' ? message.paths?.map(path => basename(path)) : undefined

test('a failed build reloads nothing, says why, and what it wrote goes out with the next good one', async t => {
  const { at, write } = folder(t, { 'src/a.md': 'good', 'out/x.html': 'x' })
  let fail: unknown
  const { app, tab, lines } = await startApp(t, {
    root: at('out'),
    build: {
      name: 'site',
      source: at('src'),
      builder: () => {
        write('out/half.html', String(Math.random()))
        if (fail !== undefined) throw fail
        write('out/whole.html', String(Math.random()))
      }
    }
  })
  const { got, reloads } = await tab()
  const state = () => app.liveReload.status().builds.site?.state
  fail = new Error('no such template')
  writeFileSync(at('src/a.md'), 'bad')
  await until(() => state() === 'failed', 'failed')
  await until(() => got.some(message => message.type === 'build' && message.state === 'failed'), 'told')
  t.match(got.at(-1), { type: 'build', state: 'failed', name: 'site', diagnostics: [{ message: 'no such template' }] })
  t.ok(lines.some(line => /build \\"site\\" failed after \d+ ms: no such template .*; tabs keep what they show/.test(line)))
  const late = await tab()
  t.match(late.got[0], { type: 'hello', build: { state: 'failed', name: 'site', diagnostics: [{ message: 'no such template' }] } }, 'tabs that open later know')
  t.equal(app.liveReload.status().ok, true, 'a known failure is no doubt')
  t.equal(reloads(), 0)
  write('out/by-hand.html', 'x')
  await until(reloads, 'an edit by hand')
  t.strictSame(paths(got.at(-1)), ['by-hand.html'], 'what the failed build wrote still waits')
  fail = undefined
  writeFileSync(at('src/a.md'), 'good again')
  await until(() => reloads() === 2, 'reloaded')
  t.match(got.at(-1), { paths: [/half/, /whole/] })
})

test('a failure without a reason, or with a place', async t => {
  const { at } = folder(t, { 'src/a.md': 'good' })
  const { app, lines } = await startApp(t, {
    build: [
      { name: 'mute', source: at('src'), builder: () => ({ ok: false }) },
      { name: 'exact', source: at('src'), builder: () => ({ diagnostics: [{ severity: 'error', message: 'typo', file: at('src/a.md'), line: 7 }] }) },
      { name: 'vague', source: at('src'), builder: () => ({ diagnostics: [{ severity: 'error', message: 'typo', file: at('src/a.md') }] }) }
    ]
  })
  t.equal(app.liveReload.status().ok, true)
  for (const line of [/mute\W+ failed .* no reason given/, /exact\W+ failed .*typo \(.*a\.md:7\)/, /vague\W+ failed .*typo \(.*a\.md:1\)/]) t.ok(lines.some(text => line.test(text)), String(line))
})

test('a Builder of one\'s own with a wrong result is a failed build, and the app goes on', async t => {
  const { at } = folder(t, { 'src/a.md': 'a' })
  const diagnostics = [{ severity: 'error', message: new Error('boom') }]
  const results = [{ outputs: 42 }, { output: Buffer.from('x') }, { diagnostics }, {}] as object[]
  const { app } = await startApp(t, {
    root: at('out'),
    build: { source: at('src'), builder: { name: 'own', build: async () => ({ ok: true, ms: 1, diagnostics: [], ...results.shift() }) } }
  })
  const wrong = (field: string) => ({ ok: false, diagnostics: [{ message: new RegExp(`^the build returned an invalid result: \`${field}`) }] })
  t.match(app.liveReload.status().builds.own, { state: 'failed', diagnostics: wrong('outputs').diagnostics })
  t.match(await app.liveReload.build(), [wrong('output')])
  t.match(await app.liveReload.build(), [wrong('diagnostics')])
  t.match(await app.liveReload.build(), [{ ok: true }])
})

test('a Builder whose warm or close fails affects no other', async t => {
  const { at } = folder(t, { 'src/a.md': 'a' })
  const build = async () => ({ ok: true, ms: 1, diagnostics: [] })
  const { app, lines } = await startApp(t, {
    build: [
      { name: 'sync', source: at('src'), builder: { name: 'own', build, warm () { throw new Error('cold') } } },
      { name: 'async', source: at('src'), builder: { name: 'own', build, async warm () { throw new Error('cold') }, async close () { throw new Error('stuck') } } },
      { name: 'good', source: at('src'), builder () {} }
    ]
  })
  t.match(app.liveReload.status().builds, { sync: { state: 'ok' }, async: { state: 'ok' }, good: { state: 'ok' } })
  await app.close()
  for (const text of ['build "sync": warm() of the builder failed: cold', 'build "async": warm() of the builder failed: cold', 'build "async": close() of the builder failed: stuck']) t.ok(lines.some(line => JSON.parse(line).msg.includes(text)), text)
})

test('what a build takes out and writes anew has changed, what it writes twice is new', async t => {
  const { at, write } = folder(t, { 'src/a.md': 'a', 'out/old.html': '1' })
  let seen: string[] = []
  const { app, tab } = await startApp(t, {
    root: at('out'),
    build: {
      source: at('src'),
      builder: async ({ reason }) => {
        if (reason === 'start') return
        const told = (text: string) => until(() => seen.includes(text), text)
        await rm(at('out/old.html'))
        await told('delete old.html')
        write('out/old.html', reason)
        await told('create old.html')
        if (reason === 'change') return
        write('out/new.html', '1')
        await told('create new.html')
        write('out/new.html', '2')
        await told('update new.html')
      }
    }
  })
  app.liveReload.on('change', ({ changes }) => { seen.push(...changes.map(({ type, path }) => `${type} ${basename(path)}`)) })
  const { got, reloads } = await tab()
  writeFileSync(at('src/a.md'), 'b')
  await until(reloads, 'told')
  t.match(got.at(-1), { type: 'reload', files: ['/old.html'] }, 'a file that was there before')
  seen = []
  await app.liveReload.build()
  await until(() => reloads() === 2, 'told again')
  t.match(got.at(-1), { type: 'reload', files: undefined }, 'a page that may take the place of another')
})

test('what the app reads itself reloads without a build, even while one runs', async t => {
  const { at } = folder(t, { 'views/page.ejs': 'x', 'src/a.md': 'a' })
  let end = () => {}
  const { tab } = await startApp(t, { watch: at('views'), build: { source: at('src'), builder: ({ reason }) => reason === 'start' ? undefined : new Promise<void>(resolve => { end = resolve }) } })
  const { got, reloads } = await tab()
  writeFileSync(at('src/a.md'), 'b')
  await until(() => got.some(message => message.type === 'build' && message.state === 'started'), 'a build')
  writeFileSync(at('views/page.ejs'), 'y')
  await until(reloads, 'told')
  end()
  t.match(got.at(-1), { paths: [/page\.ejs/] })
})

test('a change in a root inside a watched directory is announced once, as one of the root', async t => {
  const { path, at } = folder(t, { 'views/index.ejs': '', 'dist/a.css': 'a' })
  const { tab } = await startApp(t, { root: at('dist'), watch: path })
  const { got, reloads } = await tab()
  writeFileSync(at('dist/a.css'), 'b')
  await until(() => got.length > 1, 'told')
  writeFileSync(at('views/index.ejs'), 'b')
  await until(reloads, 'what is no root')
  t.match(got.slice(1), [{ type: 'update', seq: 1 }, { type: 'reload', seq: 2, paths: [/index\.ejs$/] }])
  t.equal(got.length, 3)
})

test('an output directory inside of its source never starts its own build', async t => {
  const { at, write } = folder(t, { 'site/a.md': 'a', 'site/_out/index.html': '' })
  const builds: (readonly string[])[] = []
  const { tab } = await startApp(t, { root: at('site/_out'), build: { source: at('site'), builder: ({ changed }) => { write('site/_out/index.html', String(builds.push(changed))) } } })
  const { reloads } = await tab()
  writeFileSync(at('site/_out/by-hand.html'), 'x')
  await until(reloads, 'told')
  writeFileSync(at('site/a.md'), 'b')
  await until(() => reloads() === 2, 'told of the next build')
  t.strictSame(builds, [[], [at('site/a.md')]])
})

test('a tab that opens late knows every build that fails', async t => {
  const { at } = folder(t, { 'src/a.md': 'a' })
  const failing = (name: string) => ({ name, source: at('src'), builder: () => { throw new Error(`no ${name}`) } })
  const { tab } = await startApp(t, { build: [failing('site'), { name: 'good', source: at('src'), builder: () => {} }, failing('docs')] })
  const { got } = await tab()
  t.match(got, [
    { type: 'hello', build: { state: 'failed', name: 'site', diagnostics: [{ message: 'no site' }] } },
    { type: 'build', state: 'failed', name: 'docs', diagnostics: [{ message: 'no docs' }] }
  ])
})

test('a directory that becomes a file is built', async t => {
  const { at, write } = folder(t, { 'src/a/b.md': 'b' })
  const built: string[] = []
  await startApp(t, { build: { source: at('src'), builder: ({ changed }) => { built.push(...changed) } } })
  rmSync(at('src/a'), { recursive: true })
  write('src/a', 'a')
  await until(() => built.length >= 2, 'built')
  t.strictSame([...new Set(built)].sort(), [at('src/a'), at('src/a/b.md')])
})

test('an edit while the build runs is not lost', async t => {
  const { at, write } = folder(t, { 'src/a.md': '0' })
  let built = ''
  await startApp(t, {
    root: at('out'),
    build: {
      source: at('src'),
      builder: async (_, { signal }) => {
        const text = await readFile(at('src/a.md'), 'utf8')
        await sleep(30, undefined, { signal })
        built = text
        write('out/index.html', text)
      }
    }
  })
  for (let i = 1; i <= 10; i++) {
    writeFileSync(at('src/a.md'), `${i}`)
    await sleep(i * 6)
    writeFileSync(at('src/a.md'), `${i} last`)
    await until(() => built === `${i} last`, `the last content of round ${i}`)
  }
  t.equal(built, '10 last')
})

test('two builds: the outputs of one wait for the other', async t => {
  const { at, write } = folder(t, { 'a/x': '1', 'b/x': '1', 'out/x': '' })
  let end = () => {}
  const { tab } = await startApp(t, {
    root: at('out'),
    build: [
      { name: 'quick', source: at('a'), builder: () => { write('out/quick.html', String(Math.random())) } },
      { name: 'slow', source: at('b'), builder: ({ reason }) => reason === 'start' ? undefined : new Promise<void>(resolve => { end = () => { write('out/slow.html', 'x'); resolve() } }) }
    ]
  })
  const { got, reloads } = await tab()
  const ended = (name: string) => got.some(message => message.type === 'build' && message.state === 'ok' && message.name === name)
  const started = (name: string) => got.some(message => message.type === 'build' && message.state === 'started' && message.name === name)
  writeFileSync(at('b/x'), '2')
  await until(() => started('slow'), 'slow')
  writeFileSync(at('a/x'), '2')
  await until(() => ended('quick'), 'quick')
  t.equal(reloads(), 0)
  end()
  await until(reloads, 'told')
  t.match(got.at(-1), { paths: [/quick/, /slow/] })
})

/** Two builds; the test ends those of `ts` by hand, `css` ends at once. */
async function cssAndTs (t: Test, watch: string[] = []) {
  const { at, write } = folder(t, { 'css/a': '1', 'ts/a': '1', 'out/a.css': '', 'out/half.js': '', 'own/page.html': '1', 'views/a.css': '1' })
  let end = (_ok: boolean): void => {}
  const { app, tab } = await startApp(t, {
    root: [at('out'), { path: at('own'), prefix: '/own/' }],
    build: [
      { name: 'css', source: at('css'), builder: ({ id }) => ({ outputs: [write('out/a.css', id)] }) },
      {
        name: 'ts',
        source: at('ts'),
        builder: ({ id, reason }) => reason === 'start'
          ? undefined
          : new Promise<{ ok: boolean }>(resolve => {
            write('out/half.js', id)
            end = ok => resolve({ ok })
          })
      }
    ],
    watch: watch.map(at)
  })
  const seen: string[] = []
  app.liveReload.on('change', ({ source, changes }) => { if (source !== 'input') seen.push(...changes.map(({ path }) => basename(path))) })
  const { got } = await tab()
  const builds = () => got.flatMap(message => message.type === 'build' ? [`${message.name} ${message.state}`] : [])
  const told = () => got.filter(message => message.type === 'reload' || message.type === 'update')
  const has = (text: string) => until(() => builds().includes(text), text)
  const saw = (name: string) => until(() => seen.includes(name), name)
  return { app, write, told, has, saw, end: (ok: boolean) => end(ok) }
}

test('two builds: what the good one says it wrote goes out when the other fails, the rest with the next good one', async t => {
  const { write, told, has, saw, end } = await cssAndTs(t)
  write('ts/a', '2')
  await saw('half.js')
  write('css/a', '2')
  await has('css ok')
  t.same(told(), [], 'held while the other one runs')
  end(false)
  await has('ts failed')
  await until(() => told().length === 1, 'told')
  t.match(told(), [{ type: 'update', updates: [{ kind: 'css', path: '/a.css' }] }])
  write('own/page.html', '2')
  await until(() => told().length === 2, 'edited by hand')
  t.match(told().at(-1), { type: 'reload', files: ['/own/page.html'] })
  write('css/a', '3')
  await until(() => told().length === 3, 'the next good build')
  t.match(told().at(-1), { type: 'reload', files: ['/half.js', '/a.css'] })
})

test('after a pause, what a failed build wrote still waits', async t => {
  const { app, write, told, has, saw, end } = await cssAndTs(t)
  app.liveReload.pause()
  write('own/page.html', '2')
  await saw('page.html')
  write('ts/a', '2')
  await saw('half.js')
  end(false)
  await has('ts failed')
  t.same(told(), [])
  app.liveReload.resume()
  await until(() => told().length === 1, 'told')
  t.match(told(), [{ type: 'reload', files: ['/own/page.html'] }])
})

test('what the app reads itself takes nothing along of a build that runs', async t => {
  const { write, told, saw, end } = await cssAndTs(t, ['views'])
  write('ts/a', '2')
  await saw('half.js')
  write('views/a.css', '2')
  await until(() => told().length === 1, 'told')
  t.match(told(), [{ type: 'update', updates: [{ kind: 'css', path: 'a.css' }] }])
  end(true)
  await until(() => told().length === 2, 'the build')
  t.match(told().at(-1), { type: 'reload', files: ['/half.js'] })
})

test('a person who asks during the first build waits for the page; until then the health is in doubt', async t => {
  const { at, write } = folder(t, { 'src/a.md': 'a' })
  const app = Fastify()
  t.teardown(() => app.close())
  let end = () => {}
  await app.register(liveReload, {
    root: at('out'),
    build: { source: at('src'), builder: () => new Promise<void>(resolve => { end = () => { write('out/index.html', '<!doctype html>built'); resolve() } }) }
  })
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  const health = await fetch(`${url}/__live/health`)
  t.match([health.status, await health.json()], [503, { ok: false, reason: 'not built yet: build', epoch: /./ }])
  const page = fetch(url, { headers: { 'sec-fetch-dest': 'document' } })
  await until(() => app.liveReload.status().builds.build?.state === 'started', 'the build runs')
  // The request is on its way before the build may end.
  await fetch(`${url}/missing.css`)
  end()
  t.match(await (await page).text(), /built/)
  t.equal((await fetch(`${url}/__live/health`)).status, 200)
  t.equal((await fetch(`${url}/nothing`, { headers: { 'sec-fetch-dest': 'document' } })).status, 404, 'nobody waits when it is over')
})

test('without builds no request waits for one', async t => {
  const { path } = folder(t)
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(liveReload, { root: path })
  t.equal((await app.inject({ url: '/nothing', headers: { 'sec-fetch-dest': 'document' } })).statusCode, 404)
})

test('hooks: a failing before stops the build, a failing after is a warning', async t => {
  const { at } = folder(t, { 'src/a.md': 'a' })
  let builds = 0
  let before = 0
  const { app, lines } = await startApp(t, {
    build: {
      source: at('src'),
      before: () => { if (before++ > 0) throw new Error('not today') },
      builder: () => { builds++ },
      after: [[process.execPath, '-e', 'console.error("late trouble"); process.exit(3)']]
    }
  })
  t.match([builds, app.liveReload.status().builds.build], [1, { state: 'ok', diagnostics: [{ severity: 'warning', message: /after hook/ }] }])
  t.ok(lines.some(line => /build: after hook.*late trouble/.test(line)), 'and it is logged')
  writeFileSync(at('src/a.md'), 'b')
  await until(() => app.liveReload.status().builds.build?.state === 'failed', 'failed')
  t.equal(builds, 1)
  t.ok(lines.some(line => /build failed .*before hook before: not today/.test(line)), lines.join(''))
})

for (const backend of ['auto', 'poll'] as const) {
  test(`what a hook writes after a builder that gives \`outputs\` goes out in the same message: ${backend}`, async t => {
    const { at, write } = folder(t, { 'src/a.md': 'a', 'out/page.html': '', 'out/search.json': '' })
    const { tab } = await startApp(t, {
      root: at('out'),
      backend,
      build: {
        source: at('src'),
        builder: ({ id }) => ({ outputs: [write('out/page.html', id)] }),
        after: ({ id }) => { write('out/search.json', id) }
      }
    })
    const { got, reloads } = await tab()
    writeFileSync(at('src/a.md'), 'b')
    await until(reloads, 'told')
    const told = got.at(-1)
    t.strictSame(told?.type === 'reload' && [...told.files ?? []].sort(), ['/page.html', '/search.json'])
  })
}

test('a hook that is none fails at register', async t => {
  const app = Fastify()
  t.teardown(() => app.close())
  await t.rejects(async () => app.register(liveReload, { build: { source: 'src', builder: () => {}, before: 5 as never } }), { code: 'FST_LIVE_RELOAD_INVALID_OPTION', message: /option `before` must be a command/ })
})

test('a root that comes later is served and watched', async t => {
  const { at, write } = folder(t)
  const { app, url, tab } = await startApp(t, { root: at('later') })
  t.match(app.liveReload.status().watch, { state: 'degraded', reason: /later/ })
  const { reloads } = await tab()
  t.equal((await fetch(url)).status, 404)
  write('later/index.html', '<!doctype html>hello')
  await until(reloads, 'told')
  t.match(await (await fetch(url)).text(), /hello/)
  await rm(at('later'), { recursive: true })
  await until(() => reloads() > 1, 'gone')
})

/** A pipeline without an app around it. Every wait of up to two seconds is over in a moment; longer ones end by hand. So no build is overdue, however busy the machine. */
function pipelineOf (t: Test, options: LiveReloadOptions = {}) {
  const sent: ServerMessage[] = []
  const events: LiveReloadEvents['change'][] = []
  const lines: string[] = []
  const long = new Set<() => void>()
  const pipeline = createPipeline(parseOptions({ debounce: 1, ...options }, '/project', {}), {
    usedSince: () => false,
    send: message => sent.push(message),
    classify: changes => ({ type: 'reload', files: changes.map(({ path, type }) => `${type} ${path}`) }),
    emit: (event, data) => { if (event === 'change') events.push(data as LiveReloadEvents['change']) },
    log: Fastify({ logger: { stream: { write: line => { lines.push(JSON.parse(line).msg) } } } }).log,
    clock: {
      now: clock.now,
      after (ms, run) {
        if (ms <= 2_000) return clock.after(Math.min(ms, 30), run)
        long.add(run)
        return () => { long.delete(run) }
      }
    }
  })
  t.teardown(() => pipeline.close())
  return { pipeline, sent, events, lines, long }
}

test('a build that changes what it watches is slowed down and explained', async t => {
  const { at, write } = folder(t, { 'src/a.md': 'a' })
  let builds = 0
  const { pipeline, sent, lines, long } = pipelineOf(t, { build: { source: at('src'), builder: () => { write('src/generated.md', String(++builds)) } } })
  await pipeline.start()
  writeFileSync(at('src/a.md'), 'b')
  await until(() => lines.some(line => line.includes('changes what it watches')), 'the next build waits, and the reason is logged')
  const text = /^the build changes what it watches \(.*generated\.md\): from now on it runs only every 30 s; let it write elsewhere, or add the path to build\.ignore$/
  t.match(lines.find(line => /changes what it watches/.test(line)), text)
  t.match(sent.at(-1), { type: 'build', state: 'failed', diagnostics: [{ severity: 'error', message: text }] })
  const slowed = builds
  await until(() => {
    // An edit right after a build is taken for its own: the clocks of file systems are coarse.
    writeFileSync(at('src/a.md'), `${performance.now()}`)
    return builds > slowed
  }, 'an edit by a person')
  t.equal(long.size, 0, 'ends the slow pace')
})

test('caches that builders keep in their sources are no changes, and what else they write does not stop them', async t => {
  const { at, write } = folder(t, { 'src/a.md': 'a' })
  let runs = 0
  const { pipeline, events, lines } = pipelineOf(t, {
    build: {
      name: 'site',
      source: at('src'),
      builder: async (_, { signal }) => {
        for (const file of ['.hugo_build.lock', '.vitepress/cache/deps/a.js', '.vitepress/.temp/app.js', 'resources/_gen/a.css', 'vite.config.js.timestamp-1-a.mjs']) write(`src/${file}`, String(runs))
        if (runs++ > 0) return
        write('src/sitemap.json', '{}')
        await until(() => events.length > 0, 'what it writes is seen')
        await sleep(20)
        signal.throwIfAborted()
      }
    }
  })
  await pipeline.start()
  await until(() => runs === 2, 'what it wrote is built when it has ended')
  t.same(events.flatMap(({ changes }) => changes.map(({ path }) => basename(path))), ['sitemap.json'])
  t.notMatch(lines.join(), /begins again/)
})

test('a build that removes what it wrote into its sources is slowed down, too', async t => {
  const { at, write } = folder(t, { 'src/a.md': 'a' })
  let builds = 0
  const { pipeline, events, sent, long, lines } = pipelineOf(t, {
    build: {
      name: 'site',
      source: at('src'),
      builder: async () => {
        const scratch = write('src/scratch', String(++builds))
        const seen = events.length
        await until(() => events.length > seen, 'it is seen')
        rmSync(scratch, { force: true })
      }
    }
  })
  await pipeline.start()
  await until(() => lines.some(line => line.startsWith('build "site" changes what it watches (')), 'the reason is logged')
  t.match(sent.at(-1), { type: 'build', state: 'failed' }, 'after the result of the build that was running')
  await until(() => long.size > 0, 'the next build waits')
})

test('reload() names pages by `urls`, files by `paths`', async t => {
  const { pipeline, sent } = pipelineOf(t)
  pipeline.reload()
  pipeline.reload({ paths: ['/project/a', '/project/b/c'] })
  pipeline.reload({ urls: ['/blog/'] })
  t.same(sent, [{ type: 'reload', seq: 1 }, { type: 'reload', seq: 2, paths: ['a', 'b/c'] }, { type: 'reload', seq: 3, urls: ['/blog/'] }])
})

test('update() classifies files as changed outputs; pause() withholds them', async t => {
  const { at } = folder(t, { 'a.css': 'a' })
  const { pipeline, sent } = pipelineOf(t)
  pipeline.update([at('a.css'), at('gone.css')])
  t.match(sent, [{ type: 'reload', seq: 1, files: [`update ${at('a.css')}`, `delete ${at('gone.css')}`] }])
  pipeline.pause()
  pipeline.update([at('a.css')])
  t.equal(sent.length, 1)
  pipeline.resume()
  t.equal(sent.length, 2)
})

test('watch() gives changes to its listener alone, and survives what it throws', async t => {
  const { at, path } = folder(t, { 'a.json': '1', 'a.tmp': '1' })
  const { pipeline, sent, events, lines } = pipelineOf(t)
  await pipeline.start()
  t.same(pipeline.watches(), [])
  const seen: string[] = []
  const undo = pipeline.watch([path], { ignore: ['*.tmp'] }, async changes => {
    seen.push(...changes.map(change => basename(change.path)))
    throw new Error('no such key')
  })
  await until(() => pipeline.watches().length === 1 && pipeline.watches()[0]?.files === 1, 'it is watched')
  writeFileSync(at('a.tmp'), '2')
  writeFileSync(at('a.json'), '2')
  await until(() => lines.some(line => line.includes('listener of app.liveReload.watch()')), 'the rejection is logged')
  t.same(seen, ['a.json'])
  t.match(events, [{ source: 'plugin', changes: [{ path: at('a.json'), type: 'update' }] }])
  t.same(sent, [])
  undo()
  undo()
  t.same(pipeline.watches(), [])
})
