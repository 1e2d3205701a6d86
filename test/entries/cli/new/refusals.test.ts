// What cannot be made: one line that says what to do, exit code 2, and nothing on the disk.
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { test, type Test } from 'tap'
import { planApp } from '../../../../lib/entries/cli/new/app.js'
import { BLUEPRINTS, LANGUAGES, readBlueprint } from '../../../../lib/entries/cli/new/blueprint.js'
import { newCommand } from '../../../../lib/entries/cli/new/new.js'
import { Staging } from '../../../../lib/entries/cli/new/target.js'
import { main } from '../../../../lib/entries/cli/main.js'
import { folder, type Folder } from '../../../support/folder.js'
import { onLinux } from '../../../support/system.js'
import { until } from '../../../support/wait.js'
import { start } from '../support.js'

const require = createRequire(import.meta.url)

/** One call in this process: its exit code and what it wrote. */
async function call (cwd: Folder, ...args: string[]): Promise<{ code: number, stdout: string, stderr: string }> {
  const said = { stdout: '', stderr: '' }
  const before = process.cwd()
  const undo = (['stdout', 'stderr'] as const).map(name => {
    const { write } = process[name]
    process[name].write = ((text: string) => { said[name] += text; return true }) as typeof write
    return () => { process[name].write = write }
  })
  process.chdir(cwd.path)
  try {
    return { code: await main(['new', ...args], [newCommand]), ...said }
  } finally {
    process.chdir(before)
    undo.forEach(restore => restore())
  }
}

const treeOf = (at: Folder) => readdirSync(at.path, { recursive: true, encoding: 'utf8' }).sort()

async function refused (t: Test, at: Folder, line: RegExp, ...args: string[]): Promise<void> {
  const before = treeOf(at)
  const { code, stdout, stderr } = await call(at, ...args)
  t.match(stderr, /^.+\n$/, `${args.join(' ')}: one line`)
  t.match({ code, stdout, line: stderr.trimEnd() }, { code: 2, stdout: '', line }, args.join(' '))
  t.strictSame(treeOf(at), before, `${args.join(' ')}: nothing is written`)
}

test('places: taken, above, linked, without a parent', async t => {
  const at = folder(t, { 'full/mine.txt': 'mine', file: 'mine' })
  mkdirSync(at.at('elsewhere'))
  symlinkSync(at.at('elsewhere'), at.at('link'))
  symlinkSync(at.at('gone'), at.at('dangling'))
  const rows: readonly (readonly [place: string, line: RegExp])[] = [
    ['full', /^full is there and not empty: name another directory; nothing is overwritten$/],
    ['file', /^file is a file: name another directory; nothing is overwritten$/],
    ['link', /^link is a symbolic link: name the directory itself$/],
    ['dangling', /^dangling is a symbolic link/],
    ['gone/my-app', /gone does not exist: make it, or name another place$/]
  ]
  for (const [place, line] of rows) await refused(t, at, line, place)
  const inside = folder(t)
  await refused(t, { ...inside, path: inside.write('my-app/x', '').replace(/.x$/, '') }, /^\. is the working directory, or above it: run the command beside/, '.')
  await refused(t, at, /^name the directory of the new app: npx fastify-live-reload new my-app$/)
  await refused(t, at, /^name the directory of the new app/, '')
  await refused(t, at, /^Unexpected argument/, 'one', 'two')
})

test('names that npm refuses, and names of packages that the app needs', async t => {
  const at = folder(t)
  for (const name of ['My-App', '.hidden', '_private', 'with space', 'umläut', 'node_modules', 'http', 'fs', 'a~b', 'a'.repeat(215)]) {
    await refused(t, at, /^".*" cannot be the name of an npm package: take lower-case letters/, name)
  }
  await refused(t, at, /^the app cannot be named fastify: it depends on the package of this name$/, 'fastify')
})

test('blueprints that cannot be read, or are none', async t => {
  const at = folder(t, { 'broken.json': '{ "name": ', 'list.json': '[]', 'large.json': ' '.repeat(5_000_001) })
  const rows: readonly (readonly [file: string, line: RegExp])[] = [
    ['gone.json', /^the blueprint gone\.json could not be read: there is no such file; take minimal/],
    ['maximal', /there is no such file; take minimal/],
    ['.', /^the blueprint \. could not be read: EISDIR$/],
    ['large.json', /could not be read: it is larger than 5 MB$/],
    ['broken.json', /^the blueprint broken\.json is no JSON: /],
    ['list.json', /^the blueprint list\.json cannot be used: it must be An app as data\./]
  ]
  for (const [file, line] of rows) await refused(t, at, line, 'my-app', '--blueprint', file)
  await refused(t, at, /^take --js or --ts, not both$/, 'my-app', '--js', '--ts')
})

const file = (path: string) => ({ files: [{ path, text: '' }] })

test('blueprints with something in them that is not allowed: the schema and the command refuse the same', async t => {
  const validate = new Ajv({ allowUnionTypes: true }).compile(require('../../../../blueprints/schema.json'))
  /** The line, and whether the schema alone can tell. */
  const rows: readonly (readonly [data: object, line: RegExp, bySchema?: false])[] = [
    [{ colour: 'red' }, /it has an unknown field "colour"; known are \$schema, name, /],
    [{ devServer: { port: 1 } }, /`devServer` has an unknown field "port"; known are ports, host/],
    [{ devServer: { ports: [70000] } }, /`devServer\.ports\.0` must be a port from 0 to 65535, got 70000/],
    [{ files: [{ path: 'a' }] }, /`files\.0` has no "text"/],
    [{ files: [{ path: 'a', text: '', link: '/etc/passwd' }] }, /`files\.0` has an unknown field "link"; known are path, text/],
    [{ files: [{ path: 'a', text: 1 }] }, /`files\.0\.text` must be a text, or a list of lines, got 1/],
    [{ files: undefined }, /it has no "files"/],
    [{ name: '../up' }, /`name` must be a name of letters, digits and dashes, got "\.\.\/up"/],
    [{ dependencies: { 'Not A Package': '1' } }, /`dependencies` has "Not A Package", which must be the name of an npm package/],
    [{ scripts: { dev: 'a\nb' } }, /`scripts\.dev` must be a command in one line, got "a\\nb"/],
    [{ language: 'coffee' }, /`language` must be "js" or "ts"/],
    ...['../x', 'a/../../x', '..', '.', './x', 'a/./b', '/etc/x', 'a//b', 'a/', '', 'C:/x', 'a\\..\\x', '\\\\host\\x', '.git/hooks/post-checkout', 'a/.Git/config', 'node_modules/fastify/index.js', 'a\0b']
      .map((path): [object, RegExp] => [file(path), /`files\.0\.path` must be a path inside of the app, with \/ between its parts, such as public\/index\.html, got /]),
    [{ js: file('../x'), files: [] }, /`js\.files\.0\.path` must be a path inside of the app/],
    [file('package.json'), /has two files in one place: package\.json and package\.json$/, false],
    [{ files: [{ path: 'A/b', text: '' }, { path: 'a/B', text: '' }] }, /has two files in one place: A\/b and a\/B$/, false],
    [{ files: [{ path: 'a', text: '' }, { path: 'a/b', text: '' }] }, /has two files in one place: a and a\/b$/, false],
    [{ devServer: {}, ...file('live-reload.config.js') }, /has two files in one place: live-reload\.config\.js/, false],
    [{ devServer: { options: { root: '../secrets' } } }, /`devServer\.options` names .*secrets, which is outside of the app$/, false],
    [{ devServer: { options: { watch: '/etc' } } }, /`devServer\.options` names \/etc, which is outside of the app$/, false],
    [{ devServer: { options: { rot: 'public' } } }, /^live reload: unknown option `rot`; known are /, false],
    [{ dependencies: { leftpad: 'tested' } }, /asks for the tested version of leftpad, which fastify-live-reload was not tested with: name a range$/, false]
  ]
  for (const [data, line, bySchema = true] of rows) {
    const blueprint = { name: 'mine', files: [], ...data }
    const at = folder(t, { 'mine.json': JSON.stringify(blueprint) })
    await refused(t, at, line, 'my-app', '--blueprint', 'mine.json')
    t.equal(validate(JSON.parse(JSON.stringify(blueprint))), !bySchema, JSON.stringify(data))
  }
})

test('a blueprint of one language has no other', async t => {
  const at = folder(t, { 'mine.json': '{ "name": "mine", "files": [] }', 'ts.json': '{ "name": "typed", "files": [], "ts": {} }' })
  await refused(t, at, /^the blueprint mine has no part for --ts$/, 'my-app', '--blueprint', 'mine.json', '--ts')
  await refused(t, at, /^the blueprint typed has no part for --js; it has --ts$/, 'my-app', '--blueprint', 'ts.json', '--js')
})

test('a blueprint of your own: what it says is what is written, and an empty directory is taken', async t => {
  const at = folder(t, {
    'mine.json': JSON.stringify({
      name: 'mine',
      engines: '>=22',
      description: 'The app __name__',
      dependencies: { fastify: 'tested', zod: '^4.0.0' },
      libraries: { lit: '^3.0.0' },
      scripts: { start: 'node __name__.__ext__' },
      devServer: { open: '/', options: { build: { source: 'src', builder: "node '__name__.js'" }, ignore: ['a'] } },
      files: [{ path: '__name__.__ext__', text: ['// __name__', ''] }, { path: 'a/b/c.txt', text: 'one\r\ntwo' }],
      ts: { devDependencies: { typescript: 'tested' }, scripts: { types: 'tsc' }, files: [{ path: 'tsconfig.json', text: ['{}'] }] }
    })
  })
  mkdirSync(at.at('app'))
  const { code, stdout, stderr } = await call(at, 'app', '--blueprint', 'mine.json', '--no-install')
  t.equal(code, 0, stderr)
  t.match(stdout, /^app: 5 files of the blueprint mine, made in \d+\.\d s\n {2}cd app\n {2}npm install\n {2}npm run dev\n$/)
  t.strictSame(treeOf(at), ['app', 'app/a', 'app/a/b', 'app/a/b/c.txt', 'app/app.ts', 'app/live-reload.config.ts', 'app/package.json', 'app/tsconfig.json', 'mine.json'])
  t.equal(readFileSync(at.at('app/app.ts'), 'utf8'), '// app\n\n')
  t.equal(readFileSync(at.at('app/a/b/c.txt'), 'utf8'), 'one\r\ntwo')
  const { devDependencies } = require('../../../../package.json')
  t.strictSame(JSON.parse(readFileSync(at.at('app/package.json'), 'utf8')), {
    name: 'app',
    version: '0.0.0',
    private: true,
    description: 'The app app',
    type: 'module',
    engines: { node: '>=22' },
    scripts: { start: 'node app.ts', types: 'tsc' },
    dependencies: { fastify: devDependencies.fastify, lit: '^3.0.0', zod: '^4.0.0' },
    devDependencies: { typescript: devDependencies.typescript }
  })
  await refused(t, at, /^app is there and not empty/, 'app', '--no-install')
})

test('settings of the server are a module that JavaScript reads as they were', async t => {
  const options = { root: 'public', client: { badge: true }, ignore: ["it's", 'a "b"', 'c\\d', 'e\u2028f', '`g`'] }
  const at = folder(t, { 'mine.json': JSON.stringify({ name: 'mine', files: [], devServer: { ports: [3000], options } }) })
  t.equal((await call(at, 'app', '--blueprint', 'mine.json', '--no-install')).code, 0)
  const module = await import(at.at('app/live-reload.config.js'))
  t.strictSame({ ...module }, { default: options, server: { ports: [3000] } })
})

test('libraries of a blueprint become the option importMap, unless it says itself which', async t => {
  const libraries = { lit: '^3.0.0', '@hotwired/turbo': '^8.0.0' }
  const rows: readonly (readonly [options: object, importMap: readonly string[]])[] = [
    [{ root: 'public' }, ['lit', '@hotwired/turbo']],
    [{ importMap: ['lit/decorators.js'] }, ['lit/decorators.js']],
    [{ importMap: [] }, []]
  ]
  for (const [options, importMap] of rows) {
    const at = folder(t, { 'mine.json': JSON.stringify({ name: 'mine', files: [], libraries, devServer: { options } }) })
    t.equal((await call(at, 'app', '--blueprint', 'mine.json', '--no-install')).code, 0)
    t.strictSame((await import(at.at('app/live-reload.config.js'))).default, { ...options, importMap })
  }
})

test('every blueprint of the package: its versions are those that were tested, in each language it has', async t => {
  const { dependencies, devDependencies, version } = require('../../../../package.json')
  const tested: Record<string, string> = { ...dependencies, ...devDependencies, 'fastify-live-reload': `^${version}` }
  for (const name of BLUEPRINTS) {
    const blueprint = await readBlueprint(name, '/')
    t.equal(blueprint.name, name)
    for (const language of LANGUAGES.filter(one => blueprint[one] !== undefined)) {
      const manifest = JSON.parse(planApp(blueprint, { name: 'app', language, directory: '/app' }).get('package.json') as string)
      for (const [one, range] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })) t.equal(range, tested[one], `${name} ${language}: ${one}`)
      t.ok(manifest.scripts.dev, `${name} ${language}: npm run dev`)
    }
  }
})

test('npm that cannot install: exit code 1, one line, and nothing is left', async t => {
  const at = folder(t)
  const env = { npm_config_registry: 'http://127.0.0.1:9', npm_config_fetch_retries: '0', npm_config_cache: folder(t).path }
  const { code, stdout, stderr } = await start({ cwd: at.path, env }, 'new', 'my-app').ended
  t.match({ code, stdout, stderr }, { code: 1, stdout: '', stderr: /^npm install \.\.\.\nnpm install exited with code 1, so nothing was made: .*127\.0\.0\.1:9.*\. Try again with a network, or add --no-install and install later\n$/ })
  t.strictSame(treeOf(at), [])
})

test('npm that says nothing of an error, and one that is not there', async t => {
  const at = folder(t, { 'bin/npm': '#!/bin/sh\necho gone wrong\nexit 3\n' })
  chmodSync(at.at('bin/npm'), 0o755)
  const { PATH } = process.env
  t.teardown(() => { process.env.PATH = PATH })
  process.env.PATH = `${at.at('bin')}:${PATH}`
  t.match(await call(at, 'my-app'), { code: 1, stderr: /\nnpm install exited with code 3, so nothing was made: gone wrong\. Try again/ })
  at.write('bin/npm', '#!/bin/sh\necho npm error code E404\necho npm error 404 Not Found - GET https://registry.npmjs.org/fastify-live-reload\nexit 1\n')
  t.match(await call(at, 'my-app'), { code: 1, stderr: /404 Not Found - GET .*fastify-live-reload\. Add --no-install, and install that package from where it is\n$/ })
  process.env.PATH = at.at('nothing')
  t.match(await call(at, 'my-app'), { code: 1, stderr: /\nnpm install .+, so nothing was made.*\. Try again/ })
  t.strictSame(treeOf(at), ['bin', 'bin/npm'])
})

test('Ctrl-C while npm installs: npm ends, and nothing is left', onLinux, async t => {
  const at = folder(t, { 'bin/npm': '#!/bin/sh\necho $$ > ../../pid.tmp\nmv ../../pid.tmp ../../pid\nexec sleep 60\n' })
  chmodSync(at.at('bin/npm'), 0o755)
  const apps = at.at('apps')
  mkdirSync(apps)
  const running = start({ cwd: apps, env: { PATH: `${at.at('bin')}:${process.env.PATH}` } }, 'new', 'my-app')
  await until(() => existsSync(at.at('pid')), 'npm runs')
  running.child.kill('SIGINT')
  t.equal((await running.ended).code, 130)
  t.strictSame(readdirSync(apps), [])
  const pid = Number(readFileSync(at.at('pid'), 'utf8'))
  await until(() => !existsSync(`/proc/${pid}`), 'npm has ended')
})

test('a place that was taken while npm installed stays as it is', async t => {
  const at = folder(t)
  const target = { name: 'my-app', directory: at.at('my-app') }
  const staging = new Staging(target)
  staging.write(new Map([['a.txt', 'a']]))
  at.write('my-app/mine.txt', 'mine')
  t.throws(() => staging.move(), { message: /my-app could not be made \((?:ENOTEMPTY|EEXIST)\): see what is there now; nothing was overwritten$/ })
  t.equal(readFileSync(at.at('my-app/mine.txt'), 'utf8'), 'mine')
  staging.remove()
  t.strictSame(treeOf(at), ['my-app', 'my-app/mine.txt'])
})

test('a disk that refuses is one line', async t => {
  const at = folder(t)
  const target = { name: 'my-app', directory: at.at('my-app') }
  const staging = new Staging(target)
  writeFileSync(join(staging.path, 'a'), '')
  t.throws(() => staging.write(new Map([['a/b.txt', '']])), { message: /^a\/b\.txt could not be written \((?:ENOTDIR|EEXIST)\): nothing was made; see / })
  staging.remove()
  t.throws(() => new Staging({ name: 'my-app', directory: at.at('gone/my-app') }), { message: /gone could not be written \(ENOENT\)/ })
})
