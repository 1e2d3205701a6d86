// Open-in-editor, row by row of the table of attacks: an editor that writes down its arguments tells what was started.
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import Fastify, { type FastifyInstance, type LightMyRequestResponse } from 'fastify'
import tap, { test, type Test } from 'tap'
import liveReload from '../../../lib/index.js'
import '../../support/preload.js'
import { serveEditor } from '../../../lib/features/editor/editor.js'
import { launch, type Launch } from '../../../lib/features/editor/launch.js'
import { findLocation } from '../../../lib/features/editor/location.js'
import { type Folder, folder } from '../../support/folder.js'
import { onPosix } from '../../support/system.js'
import { until } from '../../support/wait.js'

// Arguments end with a byte that no argument holds; one start ends with two.
const SCRIPT = '#!/bin/sh\nprintf "%s\\0" "$@" >> "$(dirname "$0")/argv.part" && printf "\\0" >> "$(dirname "$0")/argv.part"\n'

interface Desk extends Folder {
  readonly app: FastifyInstance
  readonly lines: string[]
  /** How often something was started. */
  readonly starts: () => number
  readonly open: (body: unknown, more?: Record<string, unknown>) => Promise<LightMyRequestResponse>
  /** The arguments of every start so far. */
  readonly argv: () => string[][]
}

interface DeskOptions {
  readonly editor?: string | undefined
  readonly open?: Launch
  readonly files?: Record<string, string>
}

/** A project in `project/`, an editor in `bin/code`, the route at `/open`. */
async function desk (t: Test, { editor, open = launch, files = { 'project/src/a.ts': 'x' } }: DeskOptions = {}): Promise<Desk> {
  const place = folder(t, { ...files, 'outside.txt': 'secret' })
  mkdirSync(place.at('bin'))
  writeFileSync(place.at('bin/code'), SCRIPT, { mode: 0o755 })
  const lines: string[] = []
  const app = Fastify({ logger: { level: 'warn', stream: { write: line => { lines.push(line) } } } })
  t.teardown(() => app.close())
  let starts = 0
  serveEditor(app, {
    project: { cwd: place.at('project'), places: [place.at('project'), place.at('gone')] },
    editor: editor ?? place.at('bin/code'),
    log: app.log,
    open (...args) {
      starts++
      return open(...args)
    }
  })
  return {
    ...place,
    app,
    lines,
    starts: () => starts,
    open: (body, more) => app.inject({ method: 'POST', url: '/open', headers: { 'content-type': 'application/json' }, payload: typeof body === 'string' ? body : JSON.stringify(body), ...more }),
    argv: () => existsSync(place.at('bin/argv.part'))
      ? readFileSync(place.at('bin/argv.part'), 'utf8').split('\0\0').slice(0, -1).map(call => call.split('\0'))
      : []
  }
}

const idle: Launch = async () => {}

// What is launched is left to itself: nothing else would keep this process alive to see what becomes of it.
const alive = setInterval(() => {}, 1000)
tap.teardown(() => clearInterval(alive))

test('a place is opened, and the answer does not wait until the editor ends', async t => {
  const { open, argv, at } = await desk(t)
  const file = at('project/src/a.ts')
  const cases: [body: unknown, argument: string][] = [
    [{ file: 'src/a.ts', line: 3, column: 7 }, `${file}:3:7`],
    [{ file, line: 1e7 }, `${file}:10000000:1`],
    [{ file: pathToFileURL(file).href }, `${file}:1:1`],
    [{ file: './src/../src/a.ts', line: 2 }, `${file}:2:1`]
  ]
  for (const [i, [body, argument]] of cases.entries()) {
    t.match(await open(body), { statusCode: 202, body: '{"message":"opening in your editor…"}' })
    await until(() => argv().length === i + 1, 'the editor')
    t.same(argv()[i], ['-r', '-g', argument])
    // The next one has to wait until this one was started.
    await until(async () => (await open({ file: 'none' })).statusCode !== 429, 'free again')
  }
})

test('below `node --watch`, whose children report what they load, an editor that starts is no failure', async t => {
  process.env.WATCH_REPORT_DEPENDENCIES = '1'
  t.teardown(() => { delete process.env.WATCH_REPORT_DEPENDENCIES })
  const { open, argv } = await desk(t)
  t.match(await open({ file: 'src/a.ts' }), { statusCode: 202 })
  await until(() => argv().length === 1, 'the editor is started')
})

test('only POST, only JSON, only with the token, only from a page of the server', async t => {
  const { at } = folder(t, { 'a.ts': 'x' })
  const lines: string[] = []
  const app = Fastify({ logger: { level: 'warn', stream: { write: line => { lines.push(line) } } } })
  t.teardown(() => app.close())
  await app.register(liveReload, { watch: at('a.ts'), editor: '/no/such/editor' })
  const { token } = app.liveReload
  const open = (headers: Record<string, string> = {}, payload = JSON.stringify({ file: at('a.ts') }), query = `?token=${token}`) =>
    app.inject({ method: 'POST', url: `/__live/open${query}`, headers: { 'content-type': 'application/json', ...headers }, payload })
  for (const method of ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE'] as const) {
    t.equal((await app.inject({ method, url: `/__live/open?token=${token}&file=a.ts` })).statusCode, 404, method)
  }
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/jsonp']) {
    t.equal((await open({ 'content-type': type })).statusCode, 415, type)
  }
  t.equal((await app.inject({ method: 'POST', url: `/__live/open?token=${token}` })).statusCode, 400, 'nothing at all')
  for (const query of ['', '?token=', `?token=${token}x`, `?token=${token}&token=${token}`, '?token=undefined']) {
    t.equal((await open({}, undefined, query)).statusCode, 403, query)
  }
  for (const site of ['same-site', 'cross-site', 'none', '']) t.equal((await open({ 'sec-fetch-site': site })).statusCode, 403, `a ${site} request`)
  for (const [name, value] of [['host', 'evil.test'], ['origin', 'null']] as const) t.equal((await open({ [name]: value })).statusCode, 403, `${name}: ${value}`)
  for (const junk of ['', '{', 'null', '[]', '7', '"src/a.ts"', '{"file":7}', '{"file":""}', '{"files":"src/a.ts"}']) t.equal((await open({}, junk)).statusCode, 400, junk)
  t.match(await open({}, JSON.stringify({ file: 'a.ts', filler: 'x'.repeat(100_000) })), { statusCode: 413, body: /^\{"message":/ })
  t.same(lines, [], 'nothing was started')
  t.match(await open(), { statusCode: 500, body: /^\{"message":".*ENOENT.*\/no\/such\/editor/ }, 'the editor of the options was started, and the page learns that there is none')
  t.match(lines.join(''), '/no/such/editor')
})

test('outside of the project', async t => {
  const { open, starts, at } = await desk(t, { open: idle, files: { 'project/src/a.ts': 'x', 'project-too/b.ts': 'x' } })
  symlinkSync(at('outside.txt'), at('project/link.ts'))
  symlinkSync(at(''), at('project/up'))
  symlinkSync('src/a.ts', at('project/inside.ts'))
  for (const file of ['/etc/passwd', '../../x', '../outside.txt', 'src/../../outside.txt', 'file:///etc/passwd', at('outside.txt'), at('project-too/b.ts'), 'link.ts', 'up/outside.txt']) {
    t.equal((await open({ file })).statusCode, 403, file)
  }
  t.equal(starts(), 0)
})

test('a link that stays inside is opened as what it points to', async t => {
  const place = folder(t, { 'src/a.ts': 'x' })
  symlinkSync('src/a.ts', place.at('inside.ts'))
  t.same(await findLocation({ file: 'inside.ts' }, { cwd: place.path, places: [place.path] }), { file: place.at('src/a.ts'), line: 1, column: 1 })
})

test('shares and devices: refused before the disk is touched', async t => {
  const { open, starts } = await desk(t, { open: idle })
  for (const file of ['\\\\evil\\share\\x', '//evil/share', '\\\\?\\C:\\x', '\\\\.\\pipe\\x', '/\\evil/x', 'file://evil/share', 'file:////evil/share', 'FILE://evil/x', 'file:%zz', 'file:///a%2fb', 'file:///a%00b']) {
    t.equal((await open({ file })).statusCode, 400, file)
  }
  // Looked at by the rules of Windows, wherever this runs.
  for (const file of ['CON', 'src/nul', 'a\\com1.txt', 'lpt9:', 'a.ts:stream', 'C:\\x:y', 'zz:x']) {
    t.match(await findLocation({ file }, { cwd: '/p', places: ['/p'] }, true), { status: 400 }, file)
  }
  for (const file of ['C:\\x', 'console.ts', 'src\\a.ts']) t.notMatch(await findLocation({ file }, { cwd: '/nowhere', places: ['/nowhere'] }, true), { status: 400 }, file)
  t.equal(starts(), 0)
})

const NAMES = ['a&b.ts', 'a|b.ts', 'a;b.ts', 'a$(id)b.ts', 'a`id`b.ts', 'a"b".ts', "a'b'.ts", 'a%PATH%b.ts', 'a^b.ts', 'a\nb.ts', 'a b.ts', 'a:5', '*.ts', '-c', '--remote=x.ts', '+call.ts']

test('names a shell or an editor would act on are one argument, and an absolute path', onPosix, async t => {
  const place = folder(t, Object.fromEntries(NAMES.map(name => [`project/${name}`, 'x'])))
  mkdirSync(place.at('bin'))
  writeFileSync(place.at('bin/code'), SCRIPT, { mode: 0o755 })
  const output = () => existsSync(place.at('bin/argv.part')) ? readFileSync(place.at('bin/argv.part'), 'utf8') : ''
  const { log } = Fastify()
  let expected = ''
  for (const name of NAMES) {
    const found = await findLocation({ file: name, line: 4, column: 2 }, { cwd: place.at('project'), places: [place.at('project')] })
    if (!('file' in found)) throw new Error(`not found: ${name}`)
    await launch(found, place.at('bin/code'), log)
    expected += `-r\0-g\0${place.at('project')}/${name}:4:2\0\0`
    await until(() => output().length >= expected.length, name)
    t.equal(output(), expected, JSON.stringify(name))
  }
})

test('positions are whole numbers', async t => {
  const { open, starts } = await desk(t, { open: idle })
  for (const bad of ['1)|!id', '3', 0, -1, 1.5, 1e7 + 1, null, true, [3], {}]) {
    t.equal((await open({ file: 'src/a.ts', line: bad })).statusCode, 400, `line ${JSON.stringify(bad)}`)
    t.equal((await open({ file: 'src/a.ts', line: 1, column: bad })).statusCode, 400, `column ${JSON.stringify(bad)}`)
  }
  t.equal(starts(), 0)
})

test('the request does not choose the editor', async t => {
  const editors: (string | undefined)[] = []
  const { open } = await desk(t, { editor: 'mine', open: async (_place, editor) => { editors.push(editor) } })
  t.equal((await open({ file: 'src/a.ts', editor: 'sh -c id', specifiedEditor: 'id', env: { LAUNCH_EDITOR: 'id' } })).statusCode, 202)
  t.same(editors, ['mine'])
})

test('the environment chooses when the options do not', async t => {
  const { at } = await desk(t)
  const { LAUNCH_EDITOR } = process.env
  t.teardown(() => { if (LAUNCH_EDITOR === undefined) delete process.env.LAUNCH_EDITOR; else process.env.LAUNCH_EDITOR = LAUNCH_EDITOR })
  process.env.LAUNCH_EDITOR = at('bin/code')
  await launch({ file: at('project/src/a.ts'), line: 2, column: 1 }, undefined, Fastify().log)
  t.ok(await until(() => existsSync(at('bin/argv.part')) && readFileSync(at('bin/argv.part'), 'utf8').includes('a.ts:2:1'), 'the editor'))
})

test('what is no file', async t => {
  const { open, starts, at } = await desk(t, { open: idle })
  const cases: [file: string, status: number][] = [['src/none.ts', 404], ['src', 404], ['.', 404], ['src/a.ts/b', 404], ['x'.repeat(4096), 404], ['x'.repeat(4097), 400], ['src/a.ts\0', 400], [`${at('gone')}/x`, 404]]
  for (const [file, status] of cases) {
    t.equal((await open({ file })).statusCode, status, file.slice(0, 30))
  }
  t.equal(starts(), 0)
})

test('five in a second, one at a time', async t => {
  let running = 0
  let most = 0
  const { open, starts } = await desk(t, {
    async open () {
      most = Math.max(most, ++running)
      await new Promise(resolve => setTimeout(resolve, 5))
      running--
    }
  })
  const all = await Promise.all(Array.from({ length: 500 }, () => open({ file: 'src/a.ts' })))
  t.ok(starts() >= 1 && starts() <= 5, `${starts()} started`)
  t.equal(most, 1)
  t.equal(all.filter(answer => answer.statusCode === 429 && answer.headers['retry-after'] === '1').length, 500 - starts())
  await until(async () => (await open({ file: 'src/a.ts' })).statusCode === 202, 'later again')

  const patient = await desk(t, { open: idle })
  const begin = performance.now()
  for (let i = 0; i < 100; i++) await patient.open({ file: 'src/a.ts' })
  const seconds = Math.ceil((performance.now() - begin) / 1000)
  t.ok(patient.starts() >= 5 && patient.starts() <= 5 * seconds, `${patient.starts()} one after the other in ${seconds} s`)
})

test('another machine', async t => {
  const { open, starts } = await desk(t, { open: idle })
  for (const remoteAddress of ['10.0.0.7', '::ffff:192.168.1.4', 'fe80::1', '127.0.0.1.evil']) {
    // What a proxy says about the peer counts for nothing.
    const headers = { 'content-type': 'application/json', 'x-forwarded-for': '127.0.0.1', forwarded: 'for=127.0.0.1' }
    t.equal((await open({ file: 'src/a.ts' }, { remoteAddress, headers })).statusCode, 403, remoteAddress)
  }
  t.equal(starts(), 0)
  for (const remoteAddress of ['127.0.0.1', '127.8.0.1', '::1', '::ffff:127.0.0.1']) {
    t.equal((await open({ file: 'src/a.ts' }, { remoteAddress })).statusCode, 202, remoteAddress)
    await new Promise(resolve => setImmediate(resolve))
  }
})

test('editors that are missing, hang or fail', onPosix, async t => {
  const { at, write } = await desk(t)
  const editors: [editor: string, logged: RegExp | undefined][] = [
    ['/nope', /could not open .*a\.ts in an editor: .*ENOENT.*\/nope/],
    [at('bin/fails'), /in an editor: \(code 3\)/],
    ['&& x', /in an editor: /],
    [at('bin/hangs'), undefined]
  ]
  mkdirSync(at('bin'), { recursive: true })
  writeFileSync(at('bin/fails'), '#!/bin/sh\nexit 3\n', { mode: 0o755 })
  writeFileSync(at('bin/hangs'), `#!/bin/sh\necho $$ > ${at('pid')}\nexec sleep 1000\n`, { mode: 0o755 })
  for (const [editor, logged] of editors) {
    const lines: string[] = []
    const app = Fastify({ logger: { level: 'info', stream: { write: line => { lines.push(line) } } } })
    const file = write('project/src/\u001b[31ma.ts', 'x')
    const why = await launch({ file, line: 1, column: 1 }, editor, app.log)
    if (logged) {
      t.ok(why && lines[0]?.includes(JSON.stringify(why).slice(1, -1)), `${editor}: the page is told the same`)
      await until(() => lines.length > 0, `${editor} is told`)
      t.match(JSON.parse(lines[0] as string), { level: 40, msg: logged }, editor)
      t.notMatch(lines.join(''), '\u001b')
      t.equal(lines.length, 1)
    } else {
      t.equal(why, undefined)
      const pid = await until(() => existsSync(at('pid')) ? Number(readFileSync(at('pid'), 'utf8')) : 0, 'the editor runs')
      t.doesNotThrow(() => process.kill(pid, 0), 'and nobody waits for it')
      process.kill(pid)
    }
  }
})

test('no process can be made at all', async t => {
  const { open, lines } = await desk(t, { open: async () => { throw new Error('EAGAIN') } })
  t.match(await open({ file: 'src/a.ts' }), { statusCode: 500, body: /could not start the editor/ })
  t.match(lines[0], /could not start the editor/)
  t.equal((await open({ file: 'src/a.ts' })).statusCode, 500, 'and the next one is tried')
})

test('the runtime itself is missing', async t => {
  const { execPath } = process
  t.teardown(() => { process.execPath = execPath })
  process.execPath = '/nope/node'
  const lines: string[] = []
  const app = Fastify({ logger: { level: 'info', stream: { write: line => { lines.push(line) } } } })
  await launch({ file: '/x', line: 1, column: 1 }, 'code', app.log)
  t.match(lines[0], /could not open .*ENOENT/)
})
