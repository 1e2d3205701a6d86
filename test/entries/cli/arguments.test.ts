// What people type, and what the program answers before it does anything.
import { test, type Test } from 'tap'
import { COMMANDS } from '../../../lib/entries/cli/commands.js'
import { main } from '../../../lib/entries/cli/main.js'
import { folder } from '../../support/folder.js'

/** One call in this process: its exit code and what it wrote. */
async function call (_t: Test, ...args: string[]): Promise<{ code: number, stdout: string, stderr: string }> {
  const said = { stdout: '', stderr: '' }
  const undo = (['stdout', 'stderr'] as const).map(name => {
    const { write } = process[name]
    process[name].write = ((text: string) => { said[name] += text; return true }) as typeof write
    return () => { process[name].write = write }
  })
  try {
    return { code: await main(args, COMMANDS), ...said }
  } finally {
    undo.forEach(restore => restore())
  }
}

function inFolder (t: Test, files: Record<string, string>): void {
  const before = process.cwd()
  process.chdir(folder(t, files).path)
  t.teardown(() => process.chdir(before))
}

test('help and version go to stdout, with exit code 0', async t => {
  for (const flag of ['help', '--help', '-h']) t.match(await call(t, flag), { code: 0, stdout: /^Usage: fastify-live-reload <command>/, stderr: '' }, flag)
  for (const flag of ['--version', '-v']) t.match(await call(t, flag), { code: 0, stdout: /^\d+\.\d+\.\d+.*\n$/ }, flag)
  for (const { name, flags } of COMMANDS) {
    const { code, stdout } = await call(t, name, '--help')
    t.equal(code, 0)
    t.same(stdout.match(/^ {2}--[\w-]+/gm)?.map(text => text.trim().slice(2)), [...Object.keys(flags), 'help'], `${name} --help lists each flag`)
  }
})

test('without a command the help goes to stderr, with exit code 2', async t => {
  t.match(await call(t), { code: 2, stdout: '', stderr: /^Usage: / })
})

test('wrong flags: one line that says what to do, and exit code 2', async t => {
  const config = 'export default { build: [{ name: "a", source: "src", builder () {} }, { name: "b", source: "src", builder () {} }] }'
  inFolder(t, { 'live-reload.config.mjs': config })
  const rows: readonly (readonly [args: string, said: RegExp])[] = [
    ['bild', /^there is no command bild; known are new, build/],
    ['b\u001b[31mild', /^there is no command b\?\[31mild/],
    ['build --foo', /^Unknown option '--foo'; see fastify-live-reload build --help$/],
    ['build now', /^Unexpected argument 'now'.*; see fastify-live-reload build --help$/],
    ['build --config', /^Option '--config <value>' argument missing; see /],
    ['build --json=yes', /--json.* does not take an argument; see /],
    ['build --profile test', /^--profile must be development or production, got "test"$/],
    ['build --shards 0', /^--shards must be a whole number from 1, got "0"$/],
    ['build --shards off', /^--shards needs a builder made by sharded\(\), and a, b has none$/],
    ['build --by page', /^--by must be hash or section or version or kind, got "page"$/],
    ['build --workers 2000', /^live reload: option `local\.workers` must be a whole number from 1 to 1024, got 2000$/],
    ['build --versions ,', /^--versions must name one version or more, parted by commas$/],
    ['build --versions 1 --name b', /^--versions needs a builder made by sharded\(\), and b has none$/],
    ['build --name a --name c', /^live reload: there is no build named c; known are a, b$/],
    ['build --config gone.js', /^--config names gone.js, which does not exist$/]
  ]
  for (const [args, said] of rows) {
    const { code, stdout, stderr } = await call(t, ...args.split(' '))
    t.match(stderr, /^.+\n$/, `${args}: one line`)
    t.match({ code, stdout, line: stderr.trimEnd() }, { code: 2, stdout: '', line: said }, args)
  }
})

test('wrong configs: one line that names the file, and exit code 2', async t => {
  inFolder(t, {
    'empty.mjs': 'export default {}',
    'wrong.mjs': 'export default { build: { source: "src", builder: 3 } }',
    'unknown.mjs': 'export default { bild: 1 }',
    'syntax.mjs': 'export default {',
    'throws.mjs': '\n  throw new Error("two\\nlines")',
    'nothing.mjs': 'throw undefined',
    'shell.mjs': 'export default { build: { source: "src", builder: "a && b" } }',
    'text.mjs': 'export default "text"'
  })
  const rows: readonly (readonly [file: string, said: RegExp])[] = [
    ['', /^there is no live-reload\.config\.js \(\.mjs, .*\) in .*: make one that exports the options of the plugin, or name it by --config$/],
    ['empty.mjs', /^empty\.mjs has no `build`: export the options of the plugin/],
    ['wrong.mjs', /^wrong\.mjs: live reload: option `build\.builder` must be /],
    ['unknown.mjs', /^unknown\.mjs: live reload: unknown option `bild`; known are /],
    ['syntax.mjs', /^syntax\.mjs could not be loaded: SyntaxError: /],
    ['throws.mjs', /^throws\.mjs could not be loaded: two lines \(throws\.mjs:2\)$/],
    ['nothing.mjs', /^nothing\.mjs could not be loaded: the build threw undefined$/],
    ['shell.mjs', /^live reload: command "a && b" uses shell syntax/],
    ['text.mjs', /^text\.mjs: live reload: option `options` must be an object, got "text"$/]
  ]
  for (const [file, said] of rows) {
    const { code, stdout, stderr } = await call(t, 'build', ...file === '' ? [] : ['--config', file])
    t.match(stderr, /^.+\n$/, `${file}: one line`)
    t.match({ code, stdout, line: stderr.trimEnd() }, { code: 2, stdout: '', line: said }, file)
  }
})

test('the config is found by its name, and may be CommonJS, a promise, or named exports', async t => {
  const builder = '{ source: "src", name: "found", builder () { return { pages: 7 } } }'
  for (const [name, text] of [
    ['live-reload.config.cjs', `module.exports = { build: ${builder} }`],
    ['live-reload.config.mjs', `export default Promise.resolve({ build: ${builder} })`],
    ['live-reload.config.js', `export const build = ${builder}`]
  ] as const) {
    inFolder(t, { 'package.json': '{ "type": "module" }', [name]: text })
    t.match(await call(t, 'build'), { code: 0, stdout: /^found: 7 pages in \d/ }, name)
  }
})

test('a config in TypeScript: Node reads it, or tsx where the app has it, or one line says what to do', async t => {
  const { execArgv } = process
  // The loader of the tests would be taken for the app's own.
  process.execArgv = []
  t.teardown(() => { process.execArgv = execArgv })
  const config = 'export default { build: { source: "src", name: "typed", builder () {} } }'
  const reads = Boolean(Reflect.get(process.features, 'typescript'))
  inFolder(t, { 'live-reload.config.mts': config })
  t.match(await call(t, 'build'), reads ? { code: 0 } : { code: 2, stderr: /^Node\.js .* does not read live-reload\.config\.mts: install tsx, .*\n$/ })
  inFolder(t, {
    'live-reload.config.mts': config,
    'node_modules/tsx/package.json': '{ "name": "tsx", "type": "module", "main": "loader.js" }',
    'node_modules/tsx/loader.js': `import { register } from 'node:module'
register('data:text/javascript,' + encodeURIComponent('export const load = (url, context, next) => next(url, url.endsWith(".mts") ? { ...context, format: "module" } : context)'))`
  })
  t.match(await call(t, 'build'), { code: 0, stdout: /^typed: done in / })
})

test('what is no mistake of the user is thrown', async t => {
  const broken = { name: 'broken', summary: '', about: '', flags: {}, run: async () => { throw new Error('a bug') } }
  await t.rejects(main(['broken'], [broken]), { message: 'a bug' })
})

test('worker: what is missing or wrong is one line, and nothing is started', async t => {
  t.match(await call(t, 'worker'), { code: 2, stdout: '', stderr: '--connection is needed; see fastify-live-reload worker --help\n' })
  t.match(await call(t, 'worker', '--connection', 'redis://localhost'), { code: 2, stderr: '--store is needed; see fastify-live-reload worker --help\n' })
  const flags = ['--connection', 'redis://localhost', '--store', 'store']
  t.match(await call(t, 'worker', ...flags, '--concurrency', 'all'), { code: 2, stderr: /^--concurrency must be a whole number from 1/ })
  t.match(await call(t, 'worker', ...flags), { code: 2, stderr: /`serveShards\.secret` must be a text of at least 16 characters, .*LIVE_RELOAD_WORKER_SECRET/ })
})
