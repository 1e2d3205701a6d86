import { test } from 'tap'
import { markRestart, restartScope } from '../../lib/shared/command-line/supervised.js'

const plain = { argv: ['node', '/app/server.js'], execArgv: [], env: {} }
const isSupervised = (more: Parameters<typeof restartScope>[0]) => restartScope(more) === 'sources'

test('a program that may restart the server is recognised', async t => {
  t.notOk(isSupervised(plain), 'node app.js')
  t.ok(isSupervised({ ...plain, send: () => true }), 'nodemon, fastify start -w: a channel to the parent')
  t.ok(isSupervised({ ...plain, env: { WATCH_REPORT_DEPENDENCIES: '1' } }), 'node --watch')
  for (const loader of ['/app/node_modules/tsx/dist/preflight.cjs', 'file:///app/node_modules/tsx/dist/loader.mjs', 'C:\\app\\node_modules\\tsx\\dist\\preflight.cjs']) t.ok(isSupervised({ ...plain, execArgv: ['--require', loader] }), loader)
  for (const script of ['nodemon --exec "node app.js"', 'tsx watch src/app.ts', 'fastify start -w app.js', 'ts-node-dev app.ts', 'node --watch-path=views app.js']) t.ok(isSupervised({ ...plain, env: { npm_lifecycle_script: script } }), script)
  for (const script of ['node app.js', 'fastify start -l info app.js', 'npm run build && node server.js']) t.notOk(isSupervised({ ...plain, env: { npm_lifecycle_script: script } }), script)
})

test('fastify start -w restarts the server for every file, unless it is told to leave some out', async t => {
  const cli = (...more: string[]) => ({ ...plain, send: () => true, argv: ['node', '/app/node_modules/fastify-cli/lib/watch/fork.js', '-w', ...more, 'app.js'] })
  t.equal(restartScope(cli()), 'everything')
  for (const option of ['--ignore-watch=public', '--ignoreWatch', '--ignore-watch']) t.equal(restartScope(cli(option)), 'sources', option)
  t.equal(restartScope({ ...cli(), env: { FASTIFY_IGNORE_WATCH: 'public' } }), 'sources')
})

test('a page is told of a change for which the server may be restarted', async t => {
  const view = { type: 'reload', seq: 1, paths: ['views/a.ejs'] } as const
  const file = { type: 'reload', seq: 1, paths: ['public/a.html'], files: ['/a.html'] } as const
  t.same(markRestart(view, 'sources'), { ...view, mayRestart: true })
  t.same(markRestart(file, 'everything'), { ...file, mayRestart: true })
  t.same([markRestart(file, 'sources'), markRestart(view, 'nothing')], [file, view])
  for (const message of [{ type: 'reload', seq: 1 }, { type: 'update', seq: 1, updates: [] }] as const) t.equal(markRestart(message, 'everything'), message)
})
