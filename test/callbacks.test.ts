// A function of the app that rejects or throws is logged. It never becomes an unhandled rejection.
import type { FastifyInstance } from 'fastify'
import { test } from 'tap'
import type { LiveReloadOptions } from '../types/options.js'
import { startApp } from './support/app.js'
import { folder } from './support/folder.js'
import { until } from './support/wait.js'

const HTML = '<!doctype html><html><head><title>x</title></head><body>hello</body></html>'
const NAVIGATION = { 'sec-fetch-dest': 'document' }
const rejects = async (): Promise<never> => { throw new Error('of the app') }
const throws = (): never => { throw new Error('of the app') }

interface Case {
  readonly name: string
  readonly options?: (path: string) => LiveReloadOptions
  readonly use?: (app: FastifyInstance, path: string) => void
  readonly logged: RegExp
  /** @default true */
  readonly injected?: boolean
}

const CASES: readonly Case[] = [
  { name: 'an async `ignore`', options: path => ({ watch: path, ignore: [rejects as never] }), logged: /function in `ignore` failed/ },
  { name: 'an `ignore` that throws', options: path => ({ watch: path, ignore: [throws] }), logged: /function in `ignore` failed/ },
  { name: 'an async `ignore` of watch()', use: (app, path) => { app.liveReload.watch(path, () => {}, { ignore: [rejects as never] }) }, logged: /function in `ignore` failed/ },
  { name: 'an async `inject.when`', options: () => ({ inject: { when: rejects } }), logged: /`inject\.when` failed/, injected: false },
  { name: 'an `inject.when` that throws', options: () => ({ inject: { when: throws } }), logged: /`inject\.when` failed/, injected: false },
  { name: 'an async `setHeaders` of a root', options: path => ({ root: { path, setHeaders: rejects } }), logged: /`setHeaders` of a root failed/ },
  { name: 'an async listener of on()', use: app => { app.liveReload.on('send', rejects) }, logged: /listener of app\.liveReload 'send' failed/ },
  { name: 'a listener of on() that throws', use: app => { app.liveReload.on('send', throws) }, logged: /listener of app\.liveReload 'send' failed/ },
  { name: 'an async transformer', options: () => ({ transform: [rejects] }), logged: /`transform\[0\]` failed/ },
  { name: 'a transformer that throws', options: () => ({ transform: [throws] }), logged: /`transform\[0\]` failed/ },
  { name: 'a transformer whose stream() throws', options: () => ({ transform: [{ stream: throws }] }), logged: /`transform\[0\]` failed/ },
  { name: 'a transformer of transform()', use: app => { app.liveReload.transform(rejects) }, logged: /`transform\[0\]` failed/ },
  { name: 'an async builder', options: path => ({ build: { source: path, builder: rejects } }), logged: /of the app/ },
  { name: 'a builder that throws', options: path => ({ build: { source: path, builder: throws } }), logged: /of the app/ },
  { name: 'build() and warm() of a Builder', options: path => ({ build: { source: path, builder: { name: 'own', build: rejects, warm: rejects, close: rejects } } }), logged: /of the app/ },
  { name: 'warm() that throws', options: path => ({ build: { source: path, builder: { name: 'own', build: throws, warm: throws, close: throws } } }), logged: /of the app/ },
  { name: 'a hook before a build', options: path => ({ build: { source: path, builder: () => {}, before: rejects } }), logged: /of the app/ },
  { name: 'a hook before a build that throws', options: path => ({ build: { source: path, builder: () => {}, before: throws } }), logged: /of the app/ },
  { name: 'a hook after a build', options: path => ({ build: { source: path, builder: () => {}, after: rejects } }), logged: /of the app/ },
  { name: 'an `ignore` of a build', options: path => ({ build: { source: path, builder: () => {}, ignore: [rejects as never] } }), logged: /function in `ignore` failed/ },
  { name: 'an async listener of watch()', use: (app, path) => { app.liveReload.watch(path, rejects) }, logged: /listener of app\.liveReload\.watch\(\) failed/ },
  { name: 'a listener of watch() that throws', use: (app, path) => { app.liveReload.watch(path, throws) }, logged: /listener of app\.liveReload\.watch\(\) failed/ }
]

test('a function of the app that fails is logged, and the app goes on', async t => {
  const unhandled: unknown[] = []
  const listener = (error: unknown) => { unhandled.push(error) }
  process.on('unhandledRejection', listener)
  t.teardown(() => process.off('unhandledRejection', listener))
  for (const { name, options, use, logged, injected = true } of CASES) {
    await t.test(name, async t => {
      const { path, write } = folder(t, { 'index.html': HTML })
      const { app, lines, request } = await startApp(t, options?.(path) ?? {}, {
        after: app => {
          if (options?.(path).root === undefined) app.get('/', (_request, reply) => reply.type('text/html').send(HTML))
          use?.(app, path)
        }
      })
      const { status, text } = await request('/', { headers: NAVIGATION })
      t.equal(status, 200)
      t.equal(text.includes('data-live-reload'), injected)
      app.liveReload.reload()
      write('index.html', `${HTML}<!-- changed -->`)
      await until(() => lines.some(line => logged.test(line)), 'it is logged')
      t.match(lines.find(line => logged.test(line)), 'of the app', 'with its error')
    })
  }
  t.strictSame(unhandled, [])
})
