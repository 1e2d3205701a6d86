// Builds as a whole: what a person saves, however fast and whatever the build does to itself, is what the tab shows in the end.
import { fork } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import Fastify from 'fastify'
import { test, type Test } from 'tap'
import liveReload from '../../lib/index.js'
import '../support/preload.js'
import type { Builder, BuildFunction } from '../../types/build.js'
import type { BuildMessage } from '../../types/message.js'
// As apps get them: children start from the built package, without the loaders of the tests.
import { command, isolated } from 'fastify-live-reload'
import { startApp, type StartedApp } from '../support/app.js'
import { folder, type Folder } from '../support/folder.js'
import { childrenOf, descriptors, running } from '../support/processes.js'
import { onLinux, onPosix } from '../support/system.js'
import { times } from '../support/times.js'
import { until } from '../support/wait.js'

process.execArgv.splice(0)
const RUNS = times(5, 200)
/** Milliseconds a build takes. */
const TAKES = 500

type Make = (folder: Folder, ms: number) => Builder | BuildFunction

/** Three ways to wait and then copy `src/a.md` as it was at the beginning. */
const obedient: Record<string, Make> = {
  'in process': ({ at, write }, ms) => async (_, { signal }) => {
    const text = readFileSync(at('src/a.md'), 'utf8')
    await sleep(ms, undefined, { signal })
    write('out/index.html', `<p>${text}</p>`)
  },
  command: ({ path }, ms) => command(['sh', '-c', `text=$(cat src/a.md); sleep ${ms / 1000}; printf "<p>%s</p>" "$text" > out/index.html`], { cwd: path }),
  isolated: ({ at, write }, ms) => isolated(write('build.mjs', `import { readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
export default async (_, { signal }) => {
  const text = readFileSync(${JSON.stringify(at('src/a.md'))}, 'utf8')
  await sleep(${ms}, undefined, { signal })
  writeFileSync(${JSON.stringify(at('out/index.html'))}, '<p>' + text + '</p>')
}`))
}

/** They pay no attention to being stale: a text of `slow` takes long, any other no time. */
const deaf: Record<string, Make> = {
  'in process': ({ at, write }, ms) => async () => {
    const text = readFileSync(at('src/a.md'), 'utf8')
    if (text === 'slow') await sleep(ms)
    write('out/index.html', `<p>${text}</p>`)
  },
  command: ({ path }, ms) => command(['sh', '-c', `trap "" TERM; text=$(cat src/a.md); [ "$text" = slow ] && sleep ${ms / 1000}; printf "<p>%s</p>" "$text" > out/index.html`], { cwd: path }),
  isolated: ({ at, write }, ms) => isolated(write('build.mjs', `import { readFileSync, writeFileSync } from 'node:fs'
export default () => {
  const text = readFileSync(${JSON.stringify(at('src/a.md'))}, 'utf8')
  for (const end = Date.now() + (text === 'slow' ? ${ms} : 0); Date.now() < end;);
  writeFileSync(${JSON.stringify(at('out/index.html'))}, '<p>' + text + '</p>')
}`))
}

/** Follows an app's builds, and what a tab that does as it is told has on its screen. */
async function follow ({ app, url, tab }: StartedApp) {
  const seen = { starts: 0, ends: 0, screen: '' }
  app.liveReload.on('build:start', () => { seen.starts++ })
  app.liveReload.on('build:end', ({ result }) => { if (result !== undefined) seen.ends++ })
  const read = async () => (await fetch(url, { headers: { 'sec-fetch-dest': 'empty' } })).text()
  const { socket, got } = await tab()
  let asked = 0
  socket.on('message', async data => {
    if ((JSON.parse(String(data)) as { type: string }).type !== 'reload') return
    const mine = ++asked
    const text = await read()
    // A browser shows the answer to its last request.
    if (mine === asked) seen.screen = text
  })
  return { seen, got, idle: () => Object.values(app.liveReload.status().builds).every(({ state }) => state !== 'started') }
}

const project = (t: Test, files: Record<string, string> = {}): Folder => folder(t, { 'src/a.md': 'first', 'out/index.html': '', ...files })

for (const ms of [0, 200]) {
  test(`1,000 saves in 5 s, a build of ${ms} ms: about ten builds, and the last content on the screen`, async t => {
    const here = project(t)
    const { seen } = await follow(await startApp(t, { root: here.at('out'), build: { source: here.at('src'), builder: (obedient['in process'] as Make)(here, ms) } }))
    const begin = performance.now()
    let shown = 0
    let screen = ''
    for (let i = 1; i <= 1000; i++) {
      writeFileSync(here.at('src/a.md'), `save ${i}`)
      if (seen.screen !== screen) [screen, shown] = [seen.screen, shown + 1]
      // At least for a moment, also behind time: the server is in this process.
      await sleep(begin + i * 5 - performance.now())
    }
    const took = performance.now() - begin
    await until(() => seen.screen === '<p>save 1000</p>', 'the last save on the screen')
    t.comment(`${seen.starts} builds begun, ${seen.ends} ended, ${shown} pages meanwhile; ${Math.round(took)} ms of saves, shown ${Math.round(performance.now() - begin - took)} ms later`)
    // Ten where the machine is quiet. A busy one leaves pauses in the stream; without gathering it is thirty to forty.
    t.ok(seen.starts <= 20 * Math.max(1, took / 5000), `${seen.starts} builds begun`)
    t.ok(shown > 0, 'it shows something before the saving stops')
  })
}

test(`an edit at any moment of a build of ${TAKES} ms`, { jobs: 3 }, t => {
  for (const [name, make] of Object.entries(obedient)) {
    t.test(name, name === 'command' ? onPosix : {}, async t => {
      const here = project(t)
      const { seen, idle } = await follow(await startApp(t, { root: here.at('out'), build: { source: here.at('src'), builder: make(here, TAKES) } }))
      let most = 0
      for (let run = 0; run < RUNS; run++) {
        // A file written in the same moment as a build ends could be the build's own.
        await sleep(40)
        const { starts } = seen
        writeFileSync(here.at('src/a.md'), `run ${run}`)
        await until(() => seen.starts > starts, 'a build')
        await sleep(run * (TAKES + 40) / RUNS)
        writeFileSync(here.at('src/a.md'), `edit ${run}`)
        const { ends } = seen
        await until(() => seen.screen === `<p>edit ${run}</p>` && idle(), `the edit of run ${run} on the screen: ${seen.screen}`)
        t.equal(readFileSync(here.at('out/index.html'), 'utf8'), `<p>edit ${run}</p>`)
        most = Math.max(most, seen.ends - ends)
      }
      t.comment(`${name}: ${RUNS} edits, at most ${most} builds ended after an edit`)
      t.ok(most <= 2, 'the build of the edit, and no other but one that was ending')
    })
  }
  t.end()
})

test('a stale build that does not stop never has the last word', { jobs: 3 }, t => {
  for (const [name, make] of Object.entries(deaf)) {
    t.test(name, name === 'command' ? onPosix : {}, async t => {
      const here = project(t)
      const { seen, idle } = await follow(await startApp(t, { root: here.at('out'), build: { source: here.at('src'), builder: make(here, 700) } }))
      writeFileSync(here.at('src/a.md'), 'slow')
      await until(() => seen.starts === 1, 'the slow build')
      await sleep(100)
      const begin = performance.now()
      writeFileSync(here.at('src/a.md'), 'fast')
      await until(() => seen.screen === '<p>fast</p>' && idle(), 'the newer one')
      // Until the stale one would have ended, and its events have come.
      await sleep(Math.max(0, 900 - (performance.now() - begin)))
      t.equal(readFileSync(here.at('out/index.html'), 'utf8'), '<p>fast</p>')
      t.equal(seen.screen, '<p>fast</p>')
    })
  }
  t.end()
})

const MODULE = `import { readFileSync } from 'node:fs'
const print = async bytes => { const c = Buffer.alloc(1e6, 97); for (let i = 0; i < bytes / 1e6; i++) if (!process.stdout.write(c)) await new Promise(r => process.stdout.once('drain', r)) }
const kinds = {
  segfault () { process.kill(process.pid, 'SIGSEGV'); return new Promise(() => {}) },
  memory () { const all = []; for (;;) all.push(new Array(1000).fill(all.length)) },
  loop () { for (;;); },
  async print () { await print(40e6); throw new Error('after 40 MB') },
  result () { return { meta: { big: Buffer.alloc(500e6) } } },
  exit () { process.exit(0) }
}
export default async ({ changed }) => {
  if (changed.length > 0) return kinds[readFileSync(changed[0], 'utf8')]?.()
}`

const faults: [kind: string, message: RegExp, timeout?: number][] = [
  ['segfault', /SIGSEGV/],
  ['memory', /ran out of memory.*NODE_OPTIONS=--max-old-space-size/s],
  ['loop', /did not end within 1500 ms \(build\.timeout\)/, 1500],
  ['print', /^after 40 MB$/],
  ['result', /the result is too large: 477 MiB, at most 16; write files/],
  ['exit', /ended its process \(exit code 0\) without a result/]
]

test('whatever an isolated build does to itself, the server answers, the tab shows why, and the next change builds again', { jobs: 2, ...onPosix }, t => {
  for (const [kind, message, timeout] of faults) {
    t.test(kind, async t => {
      const here = project(t)
      const builder = isolated(here.write('build.mjs', MODULE), { env: { NODE_OPTIONS: '--max-old-space-size=60' } })
      const { url, tab } = await startApp(t, { root: here.at('out'), build: { source: here.at('src'), builder, ...timeout !== undefined && { timeout } } })
      const { got } = await tab()
      const last = () => got.findLast((one): one is BuildMessage => one.type === 'build')
      let answers = 0
      let slowest = 0
      writeFileSync(here.at('src/a.md'), kind)
      await until(async () => {
        const asked = performance.now()
        if ((await fetch(url)).status !== 200) t.fail('an answer')
        slowest = Math.max(slowest, performance.now() - asked)
        answers++
        return last()?.state === 'failed'
        // What is printed is read slowly while the server has other things to do.
      }, 'told', 60_000)
      t.comment(`${kind}: ${answers} answers meanwhile, the slowest took ${Math.round(slowest)} ms`)
      t.match(last()?.diagnostics, [{ severity: 'error', message }])
      t.equal(last()?.diagnostics?.length, 1)
      writeFileSync(here.at('src/a.md'), 'good')
      await until(() => last()?.state === 'ok', 'the next change builds')
    })
  }
  t.end()
})

const FAILS = times(40, 200)

test(`${FAILS} failing builds leave no zombie, descriptor, listener or child`, onPosix, async t => {
  const here = project(t)
  const own = new Set(childrenOf(process.pid).map(one => one.pid))
  const file = here.write('build.mjs', `export default ({ id }) => {
  const n = Number(id.split('-').at(-1))
  if (n % 10 === 3) process.exit(1)
  if (n % 10 === 6) process.kill(process.pid, 'SIGKILL')
  throw new Error('no')
}`)
  const { app } = await startApp(t, {
    root: here.at('out'),
    build: [
      { name: 'isolated', source: here.at('src'), builder: isolated(file) },
      { name: 'command', source: here.at('src'), builder: command(['sh', '-c', 'sleep 60 & echo no >&2; exit 1']) },
      { name: 'function', source: here.at('src'), builder: () => { throw new Error('no') }, before: 'true', after: 'true' }
    ]
  })
  const look = () => ({
    descriptors: descriptors(),
    listeners: process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0),
    children: childrenOf(process.pid).filter(one => !own.has(one.pid))
  })
  for (let i = 0; i < 5; i++) await app.liveReload.build()
  // Two warm children and the reaper; not a program that runs for a moment in the place of one.
  const alive = (program: string) => running(program).filter(pid => look().children.some(one => one.pid === pid)).length
  const settled = () => look().children.length === 3 && alive('child.js') === 2 && alive('reaper.js') === 1
  await until(settled, 'three children')
  const before = look()
  for (let i = 0; i < FAILS; i++) {
    if ((await app.liveReload.build()).some(result => result.ok)) t.fail('a build that fails')
  }
  // Pipes of the last ones close a moment after them; what leaks stays.
  await until(() => settled() && look().descriptors <= before.descriptors, 'three children again, and no more descriptors')
  t.equal(look().listeners, before.listeners)
  await app.close()
  await until(() => look().children.length === 0, 'nobody')
})

const tag = (() => { let last = 0; return () => `79${String(process.pid).padStart(8, '0')}${++last}` })()
const grandchild = (id: string) => `setsid sleep ${id} & sleep ${id} &`

const endless: Record<string, (here: Folder, id: string) => { builder: Builder | BuildFunction, before?: string[][] }> = {
  'isolated, looping': ({ at, write }, id) => ({
    builder: isolated(write('build.mjs', `import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
export default () => { spawn('setsid', ['sleep', '${id}'], { stdio: 'ignore' }); writeFileSync(${JSON.stringify(at('begun'))}, ''); for (;;); }`))
  }),
  'command, deaf to SIGTERM': ({ path }, id) => ({ builder: command(['sh', '-c', `trap "" TERM; ${grandchild(id)} : > begun; while :; do sleep 1; done`], { cwd: path }) }),
  'hook, deaf to SIGTERM': ({ at }, id) => ({ builder: () => {}, before: [['sh', '-c', `trap "" TERM; ${grandchild(id)} : > '${at('begun')}'; while :; do sleep 1; done`]] }),
  'function, deaf to its signal': ({ write }) => ({ builder: () => { write('begun', ''); return new Promise(() => {}) } }),
  'builder against the contract': ({ write }) => ({ builder: { name: 'mine', build: () => { write('begun', ''); return new Promise(() => {}) } } })
}

test('app.close() during a build ends within 3 s, and leaves no process', { jobs: 2, ...onLinux }, t => {
  for (const [name, make] of Object.entries(endless)) {
    t.test(name, async t => {
      const here = project(t)
      const id = tag()
      const builds = make(here, id)
      const app = Fastify({ forceCloseConnections: true })
      t.teardown(() => app.close())
      await app.register(liveReload, { root: here.at('out'), build: { source: here.at('src'), ...builds } })
      // The first build never ends, and so nothing is ever ready.
      await app.listen({ port: 0, host: '127.0.0.1' })
      await until(() => existsSync(here.at('begun')), 'the build runs')
      const begin = performance.now()
      await Promise.race([app.close(), sleep(3_000, undefined, { ref: false }).then(() => { throw new Error('not closed within 3 s') })])
      t.comment(`${name}: ${Math.round(performance.now() - begin)} ms`)
      // What was killed is gone when the system gets round to it.
      await until(() => running(id).length === 0, 'nobody is left', 2_000)
    })
  }
  t.end()
})

test('kill -9 of the server leaves no process', onLinux, async t => {
  const here = project(t)
  const [loops, commands] = [tag(), tag()]
  here.write('build.mjs', `import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
export default () => { spawn('setsid', ['sleep', '${loops}'], { stdio: 'ignore' }); writeFileSync(${JSON.stringify(here.at('begun'))}, String(process.pid)); for (;;); }`)
  const shell = `${grandchild(commands)} trap "" TERM; while :; do sleep 1; done`
  // The built package, as an app has it: its children end with it, and need no loaders.
  const server = fork(fileURLToPath(new URL('building-server.js', import.meta.url)), [here.path, shell], { execArgv: [], env: { ...process.env, NODE_OPTIONS: '' } })
  t.teardown(() => server.kill('SIGKILL'))
  await until(() => existsSync(here.at('begun')) && running(loops).length === 1 && running(commands).length >= 3, 'both builds and their grandchildren')
  const children = childrenOf(server.pid as number).map(one => one.pid)
  t.ok(children.length >= 3, `${children.length} children: one that builds, the command and its guard`)
  const alive = () => [...running('').filter(pid => children.includes(pid)), ...running(loops), ...running(commands)]
  const begin = performance.now()
  server.kill('SIGKILL')
  await until(() => alive().length === 0, 'nobody', 2_000)
  t.comment(`nobody after ${Math.round(performance.now() - begin)} ms`)
})

test('a failure of 20 MB: tab, status and log get its beginning, and the next build is good', async t => {
  const f = folder(t, { 'src/a.md': '' })
  const long = 'x'.repeat(20_000_000)
  let mode = 'good'
  const { app, lines, tab, request } = await startApp(t, {
    build: {
      source: f.at('src'),
      builder: () => {
        if (mode === 'throws') throw new Error(long)
        if (mode === 'tells') return { ok: false, diagnostics: [{ severity: 'error', message: long, frame: long }] }
      }
    }
  })
  const { got } = await tab()
  const ends = () => got.filter((message): message is BuildMessage => message.type === 'build' && (message.state === 'failed' || message.state === 'ok'))
  for (const [i, now] of ['throws', 'tells', 'good'].entries()) {
    mode = now
    const [result] = await app.liveReload.build()
    t.equal(result?.ok, mode === 'good')
    const message = await until(() => ends()[i], `the tab hears what came of ${mode}`)
    const { text } = await request('/__live/health')
    t.ok(Math.max(text.length, JSON.stringify(message).length) < 300_000, mode)
    t.match(message, mode === 'good' ? { state: 'ok' } : { state: 'failed', diagnostics: [{ message: /^x{1000}/ }] })
  }
  t.ok(lines.join('').length < 300_000, 'the log')
})
