// What is warned of at the start: bad hosts of the environment, and a server that others reach without anybody having said that this is development.
import Fastify, { type FastifyListenOptions } from 'fastify'
import { test } from 'tap'
import liveReload from '../../../lib/index.js'
import type { LiveReloadOptions } from '../../../types/options.js'
import { folder } from '../../support/folder.js'

/** Starts an app in an environment. Returns its warnings. */
async function warned (env: Record<string, string | undefined>, listen: FastifyListenOptions, options: LiveReloadOptions = {}): Promise<string[]> {
  const before = { ...process.env }
  const lines: string[] = []
  const app = Fastify({ logger: { level: 'warn', stream: { write: line => { lines.push((JSON.parse(line) as { msg: string }).msg) } } } })
  try {
    for (const name of ['NODE_ENV', 'LIVE_RELOAD', 'LIVE_RELOAD_ALLOWED_HOSTS']) delete process.env[name]
    Object.assign(process.env, env)
    await app.register(liveReload, options)
    await app.listen(listen)
  } finally {
    process.env = before
    await app.close()
  }
  return lines.filter(line => /NODE_ENV|HOSTS/.test(line))
}

const OPEN = { port: 0, host: '0.0.0.0' }

test('NODE_ENV is not set, and other machines reach the server', async t => {
  t.match(await warned({}, OPEN), [/NODE_ENV is not set, and the app listens on 0\.0\.0\.0.*NODE_ENV=production.*`enabled: true`/])
  t.equal((await warned({ NODE_ENV: '' }, OPEN)).length, 1, 'an empty one')
})

test('no warning where it is meant, or nobody else reaches the server', async t => {
  const socket = folder(t).at('socket')
  t.strictSame(await warned({ NODE_ENV: 'development' }, OPEN), [])
  t.strictSame(await warned({ LIVE_RELOAD: '1' }, OPEN), [])
  t.strictSame(await warned({}, OPEN, { enabled: true }), [])
  t.strictSame(await warned({}, OPEN, { enabled: false }), [])
  t.strictSame(await warned({}, { port: 0 }), [], 'localhost')
  t.strictSame(await warned({}, { port: 0, host: '127.0.0.1' }), [])
  t.strictSame(await warned({}, { path: socket }), [], 'a socket in the file system')
})

test('what is no host in LIVE_RELOAD_ALLOWED_HOSTS is named', async t => {
  const said = await warned({ NODE_ENV: 'development', LIVE_RELOAD_ALLOWED_HOSTS: 'dev.test,https://a.test,\u001b[31m' }, { port: 0 })
  t.equal(said.length, 2)
  t.match(said[0], /LIVE_RELOAD_ALLOWED_HOSTS names "https:\/\/a\.test", which is left out: it must be host names such as/)
  t.notMatch(said.join(), '\u001b')
})
