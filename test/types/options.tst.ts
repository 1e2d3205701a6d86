// What the options take, and what they refuse before the app is even started.
import { PassThrough } from 'node:stream'
import { TransformStream } from 'node:stream/web'
import { expect, test } from 'tstyche'
import { inProcess, type BuildResult, type Builder, type LiveReloadOptions } from '../../lib/index.js'
import type { ROOT } from '../../lib/options/root.js'
import type { RootOptions } from '../../types/options.js'

const builder: Builder = { name: 'docs', build: async () => ({ ok: true, ms: 1, diagnostics: [] }) }

test('every option of a root is known, what @fastify/static has added too', () => {
  expect<typeof ROOT[number]>().type.toBe<keyof RootOptions>()
})

test('every option has its type', () => {
  expect<LiveReloadOptions>().type.toBeAssignableFrom({})
  expect<LiveReloadOptions>().type.toBeAssignableFrom({
    enabled: true,
    root: ['public', new URL('file:///dist/'), { path: 'docs', prefix: '/docs/', spa: 'app.html', list: true, followSymlinks: true, extensions: ['html'] }],
    watch: ['views', new URL('file:///data/')],
    build: { name: 'docs', source: ['a', 'b'], builder, ignore: ['*.tmp'] },
    ignore: ['**/*.log', /\.cache$/, (path: string) => path.endsWith('~')],
    gitignore: false,
    debounce: 150,
    backend: 'poll' as const,
    pollInterval: 500,
    path: '/__live',
    inject: { position: 'body' as const, when: () => true },
    transform: [(html: string) => html, async (html: string, { url }: { url: string }) => html + url, { stream: () => new PassThrough() }, { stream: () => new TransformStream() }],
    cacheControl: false as const,
    client: { debounce: 0, hidden: 'reload' as const, transport: 'sse' as const, fallbackTimeout: 1000, overlay: false, badge: { position: 'top-left' as const }, preserve: false, serviceWorker: 'bypass' as const },
    editor: 'code -n',
    security: { allowedHosts: ['.dev.test'], allowedOrigins: ['https://app.test'], maxConnections: 10, rateLimit: { max: 100, total: 500, window: 1000 } }
  })
})

test('one or several', () => {
  expect<LiveReloadOptions>().type.toBeAssignableFrom({ root: 'public', watch: 'views', build: [{ source: 'a', builder }] })
  expect<LiveReloadOptions>().type.toBeAssignableFrom({ root: { path: 'public' }, inject: false as const })
})

test('wrong types are rejected', () => {
  expect<LiveReloadOptions>().type.not.toBeAssignableFrom({ root: 1 })
  expect<LiveReloadOptions>().type.not.toBeAssignableFrom({ root: { prefix: '/x/' } })
  expect<LiveReloadOptions>().type.not.toBeAssignableFrom({ debounce: '100ms' })
  expect<LiveReloadOptions>().type.not.toBeAssignableFrom({ backend: 'fsevents' })
  expect<LiveReloadOptions>().type.not.toBeAssignableFrom({ inject: true })
  expect<LiveReloadOptions>().type.not.toBeAssignableFrom({ cacheControl: true })
  expect<LiveReloadOptions>().type.not.toBeAssignableFrom({ build: { source: 'src' } })
  expect<LiveReloadOptions>().type.not.toBeAssignableFrom({ build: { source: 'src', builder: 5 } })
  expect<LiveReloadOptions>().type.not.toBeAssignableFrom({ client: { hidden: 'never' } })
  expect<LiveReloadOptions>().type.not.toBeAssignableFrom({ client: { transport: 'http' } })
  expect<LiveReloadOptions>().type.not.toBeAssignableFrom({ client: { badge: { position: 'middle' } } })
  expect<LiveReloadOptions>().type.not.toBeAssignableFrom({ editor: true })
  expect<LiveReloadOptions>().type.not.toBeAssignableFrom({ ignore: [1] })
})

test('unknown options are not known', () => {
  expect<LiveReloadOptions>().type.not.toHaveProperty('port')
})

test('a command is a builder', () => {
  expect<LiveReloadOptions>().type.toBeAssignableFrom({ build: [{ source: 'src', builder: 'npm run build' }, { source: 'src', builder: ['npm', 'run', 'build'] }] })
})

test('a function is a builder, whatever it gives', () => {
  expect<LiveReloadOptions>().type.toBeAssignableFrom({ build: { source: 'src', builder: () => {} } })
  expect<LiveReloadOptions>().type.toBeAssignableFrom({ build: { source: 'src', builder: async () => ({ pages: 3 }) } })
  expect<LiveReloadOptions>().type.not.toBeAssignableFrom({ build: { source: 'src', builder: () => ({ pages: 'three' }) } })
  expect(inProcess(() => {})).type.toBe<Builder>()
  expect(inProcess).type.toBeCallableWith(async () => ({ ok: false }), { name: 'docs' })
  inProcess(({ changed, reason, incremental }, { signal, log, progress }) => {
    expect(changed).type.toBe<readonly string[]>()
    expect(reason).type.toBe<'start' | 'change' | 'manual'>()
    expect(incremental).type.toBe<boolean>()
    expect(signal).type.toBe<AbortSignal>()
    expect(log).type.toBeCallableWith('a line')
    expect(progress).type.toBeCallableWith({ label: 'pages', done: 1, total: 2 })
  })
  expect<BuildResult>().type.toHaveProperty('outputs')
})
