import { symlinkSync } from 'node:fs'
import { test } from 'tap'
import { pathToFileURL } from 'node:url'
import type { LiveReloadOptions } from '../../types/options.js'
import { parseOptions } from '../../lib/options/parse.js'
import { command, inProcess, isolated, staged } from '../../lib/index.js'
import { folder } from '../support/folder.js'

const builder = () => {}
const parse = (options: unknown, env: NodeJS.ProcessEnv = {}) => parseOptions(options as LiveReloadOptions, '/project', env)

test('a pipeline is named after what it runs', async t => {
  const nameOf = (...builders: unknown[]) => parse({ build: builders.map(builder => ({ source: 'src', builder, ...Object(builder).named })) }).builds.map(({ name }) => name)
  const rows: [builder: unknown, name: string][] = [
    ['npm run build', 'npm run build'],
    ['  npm   run --silent docs:html ', 'npm run docs:html'],
    ['/usr/bin/hugo --minify', 'hugo'],
    ['sass src:public', 'sass src:public'],
    [['node', 'build.js', '--all'], 'node build.js'],
    [['node', '--test', 'build.js'], 'node'],
    ['npm run', 'npm run'],
    [['sh', '-c', 'echo "a b"; exit 1'], 'sh'],
    [command('npm run build'), 'npm run build'],
    [{ name: 'esbuild', build: async () => {} }, 'esbuild'],
    [{ name: 'x'.repeat(90), build: async () => {} }, 'x'.repeat(60)],
    [{ name: 'two\nlines', build: async () => {} }, 'build'],
    [{ build: async () => {} }, 'build'],
    [function makePages () {}, 'makePages'],
    [{ builder: () => {} }.builder, 'build'],
    [[() => {}][0], 'build']
  ]
  for (const [builder, name] of rows) t.same(nameOf(builder), [name], name)
  t.same(nameOf('tsc', 'tsc -p .', 'tsc -b', () => {}, () => {}), ['tsc', 'tsc-2', 'tsc-3', 'build', 'build-2'])
  t.same(parse({ build: [{ source: 'a', builder: 'tsc' }, { source: 'a', builder: 'sass', name: 'tsc' }] }).builds.map(({ name }) => name), ['tsc-2', 'tsc'], 'a name that was given stays')
})

test('defaults', async t => {
  const settings = parse({})
  t.ok(Object.isFrozen(settings))
  t.match(settings, {
    enabled: true,
    cwd: '/project',
    roots: [],
    watch: [],
    builds: [],
    ignore: [],
    gitignore: true,
    debounce: 0,
    backend: 'auto',
    pollInterval: 300,
    path: '/__live',
    inject: { position: 'head' },
    cacheControl: 'no-cache',
    client: { debounce: 0, hidden: 'wait', overlay: true, badge: { position: 'bottom-right' }, preserve: true, serviceWorker: 'warn', morph: false, editor: true },
    connect: { transport: 'auto', fallbackTimeout: 3000, console: [], serverLog: false },
    update: { css: true, images: true, scope: 'affected' },
    editor: undefined,
    plugins: [],
    assumed: true,
    security: { allowedHosts: [], unusableHosts: [], allowedOrigins: [], maxConnections: 200, rateLimit: { max: 2000, total: 10_000, window: 10_000 } }
  })
  t.equal(parse({}, { NODE_ENV: 'production' }).enabled, false, 'off in production')
  t.equal(parse({ enabled: true }, { NODE_ENV: 'production' }).enabled, true, 'unless asked for')
  t.equal(parse({ enabled: true }, { LIVE_RELOAD: '0' }).enabled, false, 'LIVE_RELOAD wins over the option')
  t.equal(parse({}, { LIVE_RELOAD: '1', NODE_ENV: 'production' }).enabled, true, 'and over NODE_ENV')
  t.equal(parse({ enabled: false }, { LIVE_RELOAD: '' }).enabled, false, 'empty is as good as absent')
})

test('what is given', async t => {
  const build = { build: async () => ({ ok: true, ms: 0, diagnostics: [] }), name: 'own' }
  const ignore = ['*.log', /x/, () => true]
  const settings = parse({
    root: ['public', { path: pathToFileURL('/elsewhere'), prefix: '/docs/', spa: true, list: true, followSymlinks: true, maxAge: 5 }, { path: 'app', prefix: '/app', spa: 'app.html' }],
    watch: [pathToFileURL('/data/x.json'), 'views'],
    build: [{ source: 'src', builder }, { name: 'css', source: ['a', 'b'], builder: build, include: ['*.md', '!(draft)*.css'], ignore, timeout: 5000, before: 'true', after: [['a', 'b']], afterFailure: 'fail' }, { source: 'c', builder }],
    ignore,
    gitignore: false,
    debounce: 150,
    backend: 'poll',
    path: '/dev/live/',
    inject: { position: 'body', when: () => true },
    transform: [(html: string) => html, { stream: () => new TransformStream() }],
    cacheControl: false,
    client: { forwardConsole: ['debug', 'warn', 'warn'], debounce: 5, hidden: 'reload', transport: 'sse', fallbackTimeout: 500, overlay: false, badge: { position: 'top-left' }, preserve: false, serviceWorker: 'bypass', morph: true, css: false, images: false, scope: 'all' },
    editor: 'code -n',
    security: { allowedHosts: ['Dev.Test', '.acme.test'], allowedOrigins: ['https://App.Test:8443'], maxConnections: 3, rateLimit: { max: 20 } }
  })
  t.match(settings.roots, [
    { path: '/project/public', prefix: '/', spa: false, list: false, followSymlinks: false, static: {} },
    { path: '/elsewhere', prefix: '/docs/', spa: 'index.html', list: true, followSymlinks: true, static: { maxAge: 5 } },
    { path: '/project/app', prefix: '/app/', spa: 'app.html' }
  ])
  t.same(settings.watch, ['/data/x.json', '/project/views'])
  t.match(settings.builds, [
    { name: 'build', source: ['/project/src'], builder, include: undefined, ignore: [], timeout: 300_000, hooks: { afterFailure: 'warn' } },
    { name: 'css', source: ['/project/a', '/project/b'], builder: build, include: ['*.md', '!(draft)*.css'], ignore, timeout: 5000, hooks: { before: 'true', after: [['a', 'b']], afterFailure: 'fail' } },
    { name: 'build-2' }
  ])
  t.equal(settings.path, '/dev/live')
  t.match(settings.inject, { position: 'body', when: Function })
  t.equal(settings.cacheControl, false)
  t.same(settings.update, { css: false, images: false, scope: 'all' })
  t.same(settings.connect, { transport: 'sse', fallbackTimeout: 500, console: ['warn', 'debug'], serverLog: false })
  for (const [forwardConsole, console] of [[true, ['error', 'warn']], [false, []], [[], []]]) t.same(parse({ client: { forwardConsole } }).connect.console, console)
  for (const [serverLog, level] of [[undefined, false], [false, false], ['warn', 'warn']]) t.same(parse({ client: { serverLog } }).connect.serverLog, level)
  t.same(settings.security, { allowedHosts: ['dev.test', '.acme.test'], unusableHosts: [], allowedOrigins: ['https://app.test:8443'], maxConnections: 3, rateLimit: { max: 20, total: 100, window: 10_000 } })
  t.equal(parse({ security: { rateLimit: false } }).security.rateLimit, false)
  t.same(settings.client, { debounce: 5, hidden: 'reload', overlay: false, badge: { position: 'top-left' }, preserve: false, serviceWorker: 'bypass', morph: true, editor: true })
  t.equal(settings.editor, 'code -n')
  for (const [badge, expected] of [[false, false], [true, { position: 'bottom-right' }], [{}, { position: 'bottom-right' }]]) t.same(parse({ client: { badge } }).client.badge, expected)
  t.strictSame(parse({ debounce: 7, plugins: { dir: 'p' } }).plugins, [{ dir: '/project/p', options: {}, external: [], debounce: 7, drainTimeout: 10_000, strict: false, history: 100, watch: true }])
  t.strictSame(parse({ plugins: [{ dir: pathToFileURL('/p'), options: { a: 1 }, external: 'db.ts', debounce: 0, drainTimeout: 0, strict: true, history: 0, watch: false }] }).plugins,
    [{ dir: '/p', options: { a: 1 }, external: ['/project/db.ts'], debounce: 0, drainTimeout: 0, strict: true, history: 0, watch: false }])
  t.match(parse({ editor: false }), { editor: false, client: { editor: false } })
  t.equal(parse({ inject: false }).inject, false)
  t.equal(parse({ backend: 'native' }, { LIVE_RELOAD_WATCH_BACKEND: 'poll' }).backend, 'poll', 'the environment wins')
})

test('a root may be missing, not a file', async t => {
  const { path } = folder(t, { 'page.html': '' })
  t.equal(parseOptions({ root: `${path}/later` }).roots[0]?.path, `${path}/later`)
  t.throws(() => parseOptions({ root: `${path}/page.html` }), { code: 'FST_LIVE_RELOAD_INVALID_ROOT', message: /`root` must be a directory.*page\.html.*a file/ })
  t.throws(() => parseOptions({ root: { path: `${path}/page.html` } }), { message: /`root\.path`/ })
  t.throws(() => parseOptions({ root: `${path}/page.html/x` }), { code: 'FST_LIVE_RELOAD_INVALID_ROOT', message: /which is below a file/ })
  symlinkSync('loop', `${path}/loop`)
  t.throws(() => parseOptions({ root: `${path}/loop` }), { code: 'FST_LIVE_RELOAD_INVALID_ROOT', message: /which is not to be read \(ELOOP\)/ })
})

test('a directory is served once at a prefix', async t => {
  const { path } = folder(t, {})
  for (const roots of [[path, `${path}/`], [{ path, prefix: '/a' }, { path, prefix: '/a/' }]]) {
    t.throws(() => parseOptions({ root: roots }), { code: 'FST_LIVE_RELOAD_INVALID_OPTION', message: /`root\[1\]` must be a directory that no other root serves at the same prefix, got/ })
  }
  t.equal(parseOptions({ root: [path, { path, prefix: '/a' }, { path, constraints: { host: 'a.test' } }] }).roots.length, 3)
})

const loop: Record<string, unknown> = {}
loop.self = loop
const wrong: [unknown, string, RegExp][] = [
  [null, 'INVALID_OPTION', /`options` must be an object, got null/],
  [{ enabled: 'yes' }, 'INVALID_OPTION', /`enabled` must be true or false, got "yes"/],
  [{ debonce: 1 }, 'UNKNOWN_OPTION', /`debonce`; known are enabled, root/],
  [{ metric: true }, 'UNKNOWN_OPTION', /`metric`; known are/],
  [{ client: { morph: 1 } }, 'INVALID_OPTION', /`client\.morph` must be true or false, got 1/],
  [{ client: { forwardConsole: 'error' } }, 'INVALID_OPTION', /`client\.forwardConsole` must be true, false or a list of 'error', 'warn', 'info' and 'debug', got "error"/],
  [{ client: { forwardConsole: ['error', 'log'] } }, 'INVALID_OPTION', /`client\.forwardConsole`/],
  [{ client: { serverLog: true } }, 'INVALID_OPTION', /`client\.serverLog` must be false, 'error', 'warn', 'info' or 'debug', got true/],
  [{ client: { css: 'yes' } }, 'INVALID_OPTION', /client\.css/],
  [{ client: { scope: 'some' } }, 'INVALID_OPTION', /client\.scope/],
  [{ client: { overlay: 'no' } }, 'INVALID_OPTION', /`client\.overlay` must be true or false, got "no"/],
  [{ client: { badge: 'left' } }, 'INVALID_OPTION', /`client\.badge` must be true, false or \{ position\? \}, got "left"/],
  [{ client: { badge: { position: 'middle' } } }, 'INVALID_OPTION', /`client\.badge\.position` must be 'bottom-right', .*got "middle"/],
  [{ client: { badge: { corner: 1 } } }, 'UNKNOWN_OPTION', /`client\.badge\.corner`; known are position/],
  [{ editor: '' }, 'INVALID_OPTION', /`editor` must be a command or false, got ""/],
  [{ editor: true }, 'INVALID_OPTION', /`editor`/],
  [{ editor: 'code\0' }, 'INVALID_OPTION', /`editor`/],
  [{ transform: ['html'] }, 'INVALID_OPTION', /`transform\[0\]` must be a function \(html, context\) => html, or \{ stream\(context\) \}, got "html"/],
  [{ transform: [() => '', null] }, 'INVALID_OPTION', /`transform\[1\]`/],
  [{ client: 5 }, 'INVALID_OPTION', /`client` must be an object, got 5/],
  [{ client: { transport: 'webtransport' } }, 'INVALID_OPTION', /`client\.transport` must be 'auto', 'ws' or 'sse', got "webtransport"/],
  [{ client: { fallbackTimeout: 1 } }, 'INVALID_OPTION', /`client\.fallbackTimeout`/],
  [{ client: { preserve: 'all' } }, 'INVALID_OPTION', /`client\.preserve` must be true or false, got "all"/],
  [{ client: { serviceWorker: true } }, 'INVALID_OPTION', /`client\.serviceWorker` must be 'warn' or 'bypass', got true/],
  [{ client: { hidden: 'never' } }, 'INVALID_OPTION', /`client\.hidden` must be 'wait' or 'reload', got "never"/],
  [{ root: 5 }, 'INVALID_OPTION', /`root` must be a path, a file: URL or/],
  [{ root: '' }, 'INVALID_OPTION', /`root` must be a path or a file: URL, got ""/],
  [{ root: ['a', 'a\0b'] }, 'INVALID_OPTION', /`root\[1\]`/],
  [{ root: new URL('http://x.test/') }, 'INVALID_OPTION', /`root` must be a path or a file: URL, got "http:"/],
  [{ root: { path: 'a', prefix: 'docs' } }, 'INVALID_OPTION', /`root\.prefix` must be a path of ASCII characters other than "%" that begins with "\/", got "docs"/],
  [{ root: { path: 'a', prefix: '/p%20q' } }, 'INVALID_OPTION', /`root\.prefix` must be a path of ASCII/],
  [{ root: { path: 'a', spa: '' } }, 'INVALID_OPTION', /`root\.spa`/],
  [{ root: { path: 'a', followSymlinks: 1 } }, 'INVALID_OPTION', /`root\.followSymlinks`/],
  [{ root: { path: 'a', wildcard: false } }, 'UNKNOWN_OPTION', /`root\.wildcard`/],
  [{ root: ['a', { path: 'b', folowSymlinks: true }] }, 'UNKNOWN_OPTION', /`root\[1\]\.folowSymlinks`; known are path, prefix, spa, list, followSymlinks, .*maxAge/],
  [{ watch: 5 }, 'INVALID_OPTION', /`watch` must be a path/],
  [{ build: 'src' }, 'INVALID_OPTION', /`build` must be \{ source, builder/],
  [{ build: { builder } }, 'INVALID_OPTION', /`build\.source` must be one path or more, got undefined/],
  [{ build: { source: 'a' } }, 'INVALID_OPTION', /`build\.builder` must be a function, a command or a Builder/],
  [{ build: { source: 'a', builder: { name: 'x' } } }, 'INVALID_OPTION', /got \{"name":"x"\}/],
  [{ build: { source: 'a', builder, afterFailure: 'stop' } }, 'INVALID_OPTION', /`build\.afterFailure` must be 'warn' or 'fail'/],
  [{ build: { source: 'a', builder, timeout: 0 } }, 'INVALID_OPTION', /`build\.timeout`/],
  [{ build: { source: 'a', builder, name: 'a\nb' } }, 'INVALID_OPTION', /`build\.name`/],
  [{ build: [{ name: 'x', source: 'a', builder }, { name: 'x', source: 'b', builder }] }, 'DUPLICATE', /two builds are named x/],
  [{ build: { source: 'a', builder, include: [] } }, 'INVALID_OPTION', /`build\.include` must be one glob or more, got \[\]/],
  ...[5, '', '!*.md', 'posts/', 'a\0b', /x/, null].map((glob): [unknown, string, RegExp] => [{ build: { source: 'a', builder, include: ['*.md', glob] } }, 'INVALID_OPTION', /`build\.include\[1\]` must be a glob for files, such as/]),
  [{ ignore: [5] }, 'INVALID_OPTION', /`ignore\[0\]` must be a glob, a RegExp or a function/],
  [{ ignore: function rule () {}, debounce: -1 }, 'INVALID_OPTION', /`debounce` must be a whole number from 0 to 60000, got -1/],
  [{ debounce: 1.5 }, 'INVALID_OPTION', /got 1\.5/],
  [{ pollInterval: 5n }, 'INVALID_OPTION', /`pollInterval` .* got 5/],
  [{ backend: 'watchman' }, 'INVALID_OPTION', /`backend` must be 'auto', 'native' or 'poll'/],
  [{ path: '__live' }, 'INVALID_OPTION', /`path` must be a path such as "\/__live"/],
  [{ path: '//evil.test' }, 'INVALID_OPTION', /`path`/],
  [{ path: 'http://localhost:3000/__live' }, 'INVALID_OPTION', /no host and no port/],
  [{ path: '/' }, 'INVALID_OPTION', /`path`/],
  [{ path: '/..' }, 'INVALID_OPTION', /`path`/],
  [{ inject: true }, 'INVALID_OPTION', /`inject` must be false or/],
  [{ inject: { position: 'tail' } }, 'INVALID_OPTION', /`inject\.position`/],
  [{ inject: { when: /x/g } }, 'INVALID_OPTION', /`inject\.when` must be a function .*, got \/x\/g/],
  [{ cacheControl: 'a\nb' }, 'INVALID_OPTION', /`cacheControl`/],
  [{ security: { allowedHosts: 'http://dev.test' } }, 'INVALID_OPTION', /`security\.allowedHosts\[0\]` must be a host name/],
  [{ security: { allowedOrigins: ['https://a.test/x'] } }, 'INVALID_OPTION', /`security\.allowedOrigins\[0\]` must be an origin/],
  [{ security: { maxConnections: 0 } }, 'INVALID_OPTION', /`security\.maxConnections`/],
  [{ security: { rateLimit: 5 } }, 'INVALID_OPTION', /`security\.rateLimit` must be false or \{ max\?, total\?, window\? \}, got 5/],
  [{ security: { rateLimit: { max: 0 } } }, 'INVALID_OPTION', /`security\.rateLimit\.max` must be a whole number from 1/],
  [{ security: { rateLimit: { total: '9' } } }, 'INVALID_OPTION', /`security\.rateLimit\.total`/],
  [{ security: { rateLimit: { window: 99 } } }, 'INVALID_OPTION', /`security\.rateLimit\.window` must be a whole number from 100/],
  [{ security: { rateLimit: { timeWindow: 99 } } }, 'UNKNOWN_OPTION', /`security\.rateLimit\.timeWindow`; known are max, total, window/],
  [{ plugins: 'plugins' }, 'INVALID_OPTION', /`plugins` must be \{ dir, options\?, .*\}, got "plugins"/],
  [{ plugins: [{}] }, 'INVALID_OPTION', /`plugins\[0\]\.dir` must be a path or a file: URL, got undefined/],
  [{ plugins: { dir: 'a', options: 5 } }, 'INVALID_OPTION', /`plugins\.options` must be an object, got 5/],
  [{ plugins: { dir: 'a', external: [5] } }, 'INVALID_OPTION', /`plugins\.external\[0\]`/],
  [{ plugins: { dir: 'a', debounce: -1 } }, 'INVALID_OPTION', /`plugins\.debounce`/],
  [{ plugins: { dir: 'a', drainTimeout: 'x' } }, 'INVALID_OPTION', /`plugins\.drainTimeout`/],
  [{ plugins: { dir: 'a', strict: 1 } }, 'INVALID_OPTION', /`plugins\.strict` must be true or false, got 1/],
  [{ plugins: { dir: 'a', history: -1 } }, 'INVALID_OPTION', /`plugins\.history`/],
  [{ plugins: { dir: 'a', watch: 'no' } }, 'INVALID_OPTION', /`plugins\.watch`/],
  [{ plugins: { dir: 'a', path: 'b' } }, 'UNKNOWN_OPTION', /`plugins\.path`; known are dir, options/],
  [{ plugins: [{ dir: 'a' }, { dir: './a' }] }, 'DUPLICATE', /the directory .*a is in `plugins` twice/],
  ...['enabled', 'build', 'debounce', 'backend', 'pollInterval', 'path', 'inject', 'errorPages', 'cacheControl', 'client', 'editor', 'security', 'gitignore', 'root', 'watch', 'ignore', 'transform']
    .map((name): [unknown, string, RegExp] => [{ [name]: null }, 'INVALID_OPTION', new RegExp(`\`${name}(\\[0\\])?\` must be .*got null`)]),
  ...['debounce', 'hidden', 'transport', 'fallbackTimeout', 'overlay', 'badge', 'preserve', 'serviceWorker', 'morph', 'forwardConsole', 'serverLog', 'css', 'images', 'scope']
    .map((name): [unknown, string, RegExp] => [{ client: { [name]: null } }, 'INVALID_OPTION', new RegExp(`\`client\\.${name}\` must be .*got null`)]),
  [{ inject: { position: null } }, 'INVALID_OPTION', /`inject\.position`/],
  [{ security: { maxConnections: null } }, 'INVALID_OPTION', /`security\.maxConnections`/],
  [{ security: { allowedOrigins: ['https://a.test:port'] } }, 'INVALID_OPTION', /`security\.allowedOrigins\[0\]` must be an origin/],
  [{ root: { path: 'a', dotfiles: 'hide' } }, 'INVALID_OPTION', /`root\.dotfiles` must be 'allow', 'deny' or 'ignore', got "hide"/],
  [{ root: { path: 'a', etag: 'no' } }, 'INVALID_OPTION', /`root\.etag` must be true or false/],
  [{ root: { path: 'a', extensions: 1 } }, 'INVALID_OPTION', /`root\.extensions` must be an extension, or a list of them/],
  [{ root: { path: 'a', index: 5 } }, 'INVALID_OPTION', /`root\.index` must be a file name/],
  [{ root: { path: 'a', maxAge: 'long' } }, 'INVALID_OPTION', /`root\.maxAge` must be milliseconds/],
  [{ root: { path: 'a', setHeaders: {} } }, 'INVALID_OPTION', /`root\.setHeaders` must be a function/],
  [{ root: { path: 'a', list: 'json' } }, 'INVALID_OPTION', /`root\.list` must be true, false or an object/],
  [{ root: { path: 'a', logLevel: 'loud' } }, 'INVALID_OPTION', /`root\.logLevel` must be one of fatal/],
  [{ root: { path: 'a', constraints: 'x' } }, 'INVALID_OPTION', /`root\.constraints` must be an object/],
  [{ root: { path: 'a', globIgnore: ['x'] } }, 'UNKNOWN_OPTION', /`root\.globIgnore`/],
  [{ gitignore: loop }, 'INVALID_OPTION', /got object/],
  [{ gitignore: Symbol('x') }, 'INVALID_OPTION', /got symbol/],
  [{ gitignore: 'x'.repeat(200) }, 'INVALID_OPTION', /x{70,}\.\.\.$/],
  [{ gitignore: () => {} }, 'INVALID_OPTION', /got function gitignore/],
  [{ gitignore: [() => {}][0] }, 'INVALID_OPTION', /got function \(anonymous\)/]
]

test('wrong options are coded errors that name the option', async t => {
  for (const [options, code, message] of wrong) {
    t.throws(() => parse(options), { code: `FST_LIVE_RELOAD_${code}`, message }, String(message))
  }
  t.throws(() => parse({}, { LIVE_RELOAD: 'yes' }), { message: /LIVE_RELOAD` must be '0' or '1', got "yes"/ })
  t.throws(() => parse({}, { LIVE_RELOAD_WATCH_BACKEND: 'inotify' }), { message: /LIVE_RELOAD_WATCH_BACKEND/ }, 'the environment is checked as well')
})

test('builders refuse options that would do nothing', async t => {
  const rows: [make: () => unknown, code: string, message: RegExp][] = [
    [() => command('tsc', { timeot: 5 } as never), 'UNKNOWN_OPTION', /`command\.timeot`; known are name, env, timeout, cwd/],
    [() => command('tsc', { cwd: 5 } as never), 'INVALID_OPTION', /`command\.cwd` must be a path/],
    [() => command('tsc', { name: '' }), 'INVALID_OPTION', /`command\.name` must be a text/],
    [() => command('tsc', { env: { LEVEL: 3 } } as never), 'INVALID_OPTION', /`command\.env\.LEVEL` must be a text, got 3/],
    [() => command('tsc', { timeout: 0 }), 'INVALID_OPTION', /`command\.timeout`/],
    [() => command('tsc', null as never), 'INVALID_OPTION', /`command\(options\)` must be an object/],
    [() => isolated('a.js', { execArgv: [] } as never), 'UNKNOWN_OPTION', /`isolated\.execArgv`/],
    [() => inProcess(() => {}, { nmae: 'x' } as never), 'UNKNOWN_OPTION', /`inProcess\.nmae`/],
    [() => staged(() => {}, { dir: 'a', directory: 'b' } as never), 'UNKNOWN_OPTION', /`staged\.directory`/]
  ]
  for (const [make, code, message] of rows) t.throws(make, { code: `FST_LIVE_RELOAD_${code}`, message }, String(message))
  t.match(parse({ security: { allowedOrigins: ['HTTPS://App.test:443', 'http://a.test:80', 'http://a.test:8080'] } }).security.allowedOrigins, ['https://app.test', 'http://a.test', 'http://a.test:8080'], 'as browsers write them')
  t.match(parse({ root: { path: 'a', index: ['x.html'], maxAge: '1d', setHeaders: () => {}, dotfiles: 'allow', list: { format: 'json' } } }).roots[0]?.static, { maxAge: '1d' })
})
