// What the log says at the start, and about each change that reached tabs.
import { rmSync } from 'node:fs'
import Fastify, { type FastifyInstance } from 'fastify'
import { test, type Test } from 'tap'
import liveReload from '../../../lib/index.js'
import type { LiveReloadOptions } from '../../../types/options.js'
import { startApp } from '../../support/app.js'
import { folder } from '../../support/folder.js'
import { until } from '../../support/wait.js'

interface Line { readonly level: number, readonly msg: string, readonly clients?: number, readonly paths?: readonly string[], readonly seq?: number, readonly ms?: number }
const [INFO, WARN] = [30, 40]
const ours = (lines: readonly string[]): Line[] => lines.map(line => JSON.parse(line) as Line).filter(({ msg }) => /live reload|^reload|^update/.test(msg))

test('one line when the app listens: what is watched, how, and where the status page is', async t => {
  const f = folder(t, { 'public/a.html': '', 'views/a.ejs': '', 'src/a.md': '' })
  const { lines, port } = await startApp(t, { root: f.at('public'), watch: [f.at('views'), f.at('public')].slice(0, 1), build: { source: f.at('src'), builder: () => {} } })
  t.strictSame(ours(lines).map(({ level, msg }) => [level, msg]), [
    [INFO, `live reload: on, watching ${f.at('public')}, ${f.at('views')}, ${f.at('src')} (native events); status page: http://127.0.0.1:${port}/__live/`]
  ])
})

test('directories of hot plugins are named among what is watched', async t => {
  const f = folder(t, { 'public/a.html': '', 'plugins/a.js': 'export default async () => {}\n' })
  const { lines } = await startApp(t, { root: f.at('public'), plugins: [{ dir: f.at('plugins') }, { dir: f.at('later') }, { dir: f.at('once'), watch: false }] })
  t.match(ours(lines)[0]?.msg, `watching ${f.at('public')}, ${f.at('plugins')}, ${f.at('later')} (native events)`, 'but not what is reloaded on demand')
  t.match(await until(() => ours(lines)[1], 'the warning'), { level: WARN, msg: `\`plugins.dir\` names ${f.at('later')}, which does not exist` })
})

test('a warning for what does not exist, and for nothing to watch', async t => {
  const f = folder(t)
  const made = f.at('made')
  const { lines, port } = await startApp(t, {
    backend: 'poll',
    root: [{ path: made, prefix: '/a' }, { path: f.at('public'), prefix: '/b' }],
    watch: f.at('views'),
    build: { source: f.at('src'), builder: () => { f.write('made/a.html', '') } }
  })
  t.match(ours(lines)[0]?.msg, /polling every 300 ms/)
  t.strictSame(ours(lines).filter(({ level }) => level === WARN).map(({ msg }) => msg), [['root', 'public'], ['watch', 'views'], ['build.source', 'src']].map(([option, name = '']) =>
    `live reload: \`${option}\` names ${f.at(name)}, which does not exist. It will be watched as soon as it does`), 'and not for what the first build made')
  t.ok(port)

  const nothing = await startApp(t, {})
  t.match(ours(nothing.lines).toSorted((a, b) => a.level - b.level), [{ level: INFO, msg: /on, watching nothing/ }, { level: WARN, msg: /nothing is watched/ }])
})

test('an app that closes at once is not warned of what its end removed', async t => {
  const f = folder(t, { 'views/a.ejs': '' })
  const { app, lines } = await register(t, { watch: f.at('views') })
  await app.ready()
  const closed = app.close()
  rmSync(f.at('views'), { recursive: true })
  await closed
  t.same(ours(lines), [])
})

async function register (t: Test, options: LiveReloadOptions, add = (app: FastifyInstance) => { app.register(liveReload, options) }) {
  const lines: string[] = []
  const app = Fastify({ logger: { level: 'info', stream: { write: line => { lines.push(line) } } } })
  t.teardown(() => app.close())
  add(app)
  await app.ready()
  return { app, lines }
}

test('the status page is where a browser finds it', async t => {
  const f = folder(t, { 'views/a.ejs': '' })
  for (const [listen, expected] of [
    [{ port: 0, host: '0.0.0.0' }, /: http:\/\/localhost:\d+\/__live\/$/],
    [{ port: 0, host: '::' }, /: http:\/\/localhost:\d+\/__live\/$/],
    [{ port: 0, host: '::1' }, /: http:\/\/\[::1\]:\d+\/__live\/$/],
    [{ path: f.at('a.sock') }, new RegExp(`: /__live/ on ${f.at('a.sock')}$`)]
  ] as const) {
    const { app, lines } = await register(t, { watch: f.at('views') })
    await app.listen(listen)
    t.match(ours(lines).find(({ msg }) => msg.includes('status page'))?.msg, expected)
  }
})

test('why it is off: a line, and a warning at a terminal where only NODE_ENV says so', async t => {
  const { NODE_ENV } = process.env
  const { isTTY } = process.stdout
  t.teardown(() => {
    process.env.NODE_ENV = NODE_ENV
    delete process.env.LIVE_RELOAD
    process.stdout.isTTY = isTTY
  })
  process.env.NODE_ENV = 'production'
  for (const [terminal, enabled, expected] of [
    [false, undefined, { level: INFO, msg: /off, because NODE_ENV is production; `enabled: true` turns it on/ }],
    [true, undefined, { level: WARN, msg: /off, because NODE_ENV is production/ }],
    [true, false, { level: INFO, msg: /off, because of `enabled: false`/ }]
  ] as const) {
    process.stdout.isTTY = terminal
    const { lines } = await register(t, enabled === undefined ? {} : { enabled })
    t.match(ours(lines), [expected])
  }
  process.env.LIVE_RELOAD = '0'
  const { lines } = await register(t, { enabled: true })
  t.match(ours(lines), [{ level: INFO, msg: /off, because LIVE_RELOAD is 0/ }])
})

test('one line for each change that reached tabs', async t => {
  const f = folder(t, { 'public/a.html': '1', 'public/style.css': '1', 'views/clock.ejs': '1' })
  const { app, lines, tab } = await startApp(t, { root: f.at('public'), watch: f.at('views') })
  const said = () => ours(lines).filter(({ msg }) => / -> /.test(msg)).map(({ msg }) => msg)
  const line = (count: number) => until(() => said()[count - 1], `line ${count}`)
  f.write('views/clock.ejs', 'nobody is there')
  await until(() => app.liveReload.status().seq === 1, 'sent to nobody')
  await tab()
  f.write('public/style.css', '2')
  t.match(await line(1), /^update: .*public\/style\.css -> 1 tab \(\d+ ms\)$/)
  await tab()
  for (const name of ['a', 'b', 'c', 'd', 'e']) f.write(`views/${name}\n.ejs`, '1')
  t.match(await line(2), /^reload: .*views\/a\?\.ejs, .*views\/b\?\.ejs, .*views\/c\?\.ejs and 2 more -> 2 tabs \(\d+ ms\)$/)
  app.liveReload.reload()
  t.equal(await line(3), 'reload: asked for by the app -> 2 tabs')
  app.liveReload.reload({ paths: ['x.md'] })
  t.equal(await line(4), 'reload: x.md -> 2 tabs')
  app.liveReload.reload({ urls: ['/a'] })
  t.equal(await line(5), 'reload: /a -> 2 tabs')
  app.liveReload.update(f.at('public/style.css'))
  t.equal(await line(6), 'update: /style.css -> 2 tabs')
  t.equal(said().length, 6)
  const fields = ours(lines).filter(({ clients }) => clients !== undefined)
  t.match(fields[0], { seq: 2, clients: 1, ms: Number, paths: [/public\/style\.css$/] }, 'the same for programs')
  t.strictSame([fields[1]?.clients, fields[1]?.paths?.length], [2, 5], 'also paths that the line leaves out')
  t.strictSame([fields[3]?.paths, fields[3]?.ms], [['x.md'], undefined])
})
