import { test } from 'tap'
import { isSupervised } from '../../lib/shared/command-line/supervised.js'

const plain = { execArgv: [], env: {} }

test('a program that may restart the server is recognised', async t => {
  t.notOk(isSupervised(plain), 'node app.js')
  t.ok(isSupervised({ ...plain, send: () => true }), 'nodemon, fastify start -w: a channel to the parent')
  t.ok(isSupervised({ ...plain, env: { WATCH_REPORT_DEPENDENCIES: '1' } }), 'node --watch')
  for (const loader of ['/app/node_modules/tsx/dist/preflight.cjs', 'file:///app/node_modules/tsx/dist/loader.mjs', 'C:\\app\\node_modules\\tsx\\dist\\preflight.cjs']) t.ok(isSupervised({ ...plain, execArgv: ['--require', loader] }), loader)
  for (const script of ['nodemon --exec "node app.js"', 'tsx watch src/app.ts', 'fastify start -w app.js', 'ts-node-dev app.ts', 'node --watch-path=views app.js']) t.ok(isSupervised({ ...plain, env: { npm_lifecycle_script: script } }), script)
  for (const script of ['node app.js', 'fastify start -l info app.js', 'npm run build && node server.js']) t.notOk(isSupervised({ ...plain, env: { npm_lifecycle_script: script } }), script)
})
