// What modules do to their process, with real modules and real processes.
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'tap'
import type { BuildResult } from '../../../types/build.js'
import type { Executor } from '../../../lib/builds/executors/executor.js'
import { Pool, type PoolOptions } from '../../../lib/builds/executors/pool.js'
import { ProcessMember, type ChildOptions } from '../../../lib/builds/executors/process.js'
import { isolated, type IsolatedOptions } from '../../../lib/builds/builders/isolated.js'
import { folder, temporary } from '../../support/folder.js'
import { plainLibrary } from '../../support/plain.js'
import { childrenOf, descriptors, running } from '../../support/processes.js'
import { onLinux, onPosix } from '../../support/system.js'
import { times } from '../../support/times.js'
import { until } from '../../support/wait.js'
import { contextOf, requestOf } from './conformance.js'

const dir = temporary(after)
const { path: library } = plainLibrary(after)
const entry = join(library, 'lib/builds/executors/child.js')

function pool (child: ChildOptions = {}, options: Partial<PoolOptions> = {}): Executor {
  return new Pool({ kind: 'process', start: owner => new ProcessMember(owner, child, entry), ...options })
}

const shared = pool()
after(() => shared.close())

let last = 0
/** A program under test: its pauses are work that takes time, or part two writes. */
function module (body: string): string {
  const path = join(dir, `${++last}.mjs`)
  writeFileSync(path, `import fs from 'node:fs'\nimport { spawn } from 'node:child_process'\nexport default async (request, { signal, log, progress }) => {\n${body}\n}\n`)
  return path
}

const build = (file: string, options: IsolatedOptions = {}, context = contextOf()): Promise<BuildResult> =>
  isolated(file, { executor: shared, ...options }).build(requestOf({ cwd: dir }), context)

const good = module('return { pages: 1 }')
const failures: [name: string, body: string, message: RegExp, options?: IsolatedOptions][] = [
  ['throws', 'throw new TypeError("bad", { cause: new Error("disk") })', /^TypeError: bad \(disk\)$/],
  ['rejects with a number', 'throw 7', /^the build threw 7$/],
  ['throws a circle', 'const a = {}; a.a = a; throw a', /cannot be read/],
  ['throws a getter that throws', 'throw Object.defineProperty(new Error("x"), "message", { get () { throw 1 } })', /cannot be read/],
  ['throws later, while it runs', 'setTimeout(() => { throw new Error("in a timer") }, 5); await new Promise(() => {})', /^in a timer$/],
  ['rejects unheard, while it runs', 'Promise.reject(new Error("unheard")); await new Promise(() => {})', /^unheard$/],
  ['exits 0 without a result', 'process.exit(0)', /exit code 0\) without a result/],
  ['exits 1', 'console.error("why"); process.exit(1)', /exited with code 1\nwhy/],
  ['SIGSEGV', 'process.kill(process.pid, "SIGSEGV"); await new Promise(() => {})', /SIGSEGV/],
  ['SIGABRT', 'process.abort()', /was aborted \(SIGABRT\)(?!.*memory)/s],
  ['SIGKILL', 'process.kill(process.pid, "SIGKILL"); await new Promise(() => {})', /SIGKILL.*probably out of memory/],
  ['loops', 'for (;;);', /did not end within 300 ms/, { timeout: 300 }],
  ['ignores SIGTERM and its signal', 'process.on("SIGTERM", () => {}); await new Promise(() => setInterval(() => {}, 1000))', /did not end within 300 ms/, { timeout: 300 }],
  ['is stopped', 'process.kill(process.pid, "SIGSTOP")\nfor (;;);', /did not end within 300 ms/, { timeout: 300 }],
  ['closes its channel', 'fs.closeSync(3); await new Promise(() => setInterval(() => {}, 1000))', /channel|exit code|exited/],
  ['writes to its channel', 'fs.writeSync(3, "no message\\n"); await new Promise(() => setInterval(() => {}, 1000))', /broke its channel/],
  ['cannot reach the server by `process.send`', 'if (process.send === undefined && process.disconnect === undefined && process.env.NODE_CHANNEL_FD === undefined) throw new Error("none")', /^none$/],
  ['gives 80 MB', 'return { meta: { big: Buffer.alloc(80e6) } }', /the result is too large: 76 MiB, at most 16/],
  ['gives a function', 'return { meta: { f () {} } }', /the result is not plain data/],
  ['an output that does not exist', 'return { outputs: ["dist/nope.html"] }', /says it wrote .*dist\/nope\.html, which does not exist/],
  ['two of them', 'return { outputs: ["a", "b"] }', /and others/],
  ['no result at all', 'return 7', /the build returned an invalid result: it must be an object, got 7/]
]

test('every failure is one diagnostic, and the next build works', { jobs: 3 }, t => {
  for (const [name, body, message, options] of failures) {
    t.test(name, /SIG|is stopped/.test(name) ? onPosix : {}, async t => {
      const result = await build(module(body), options)
      t.match(result, { ok: false, diagnostics: [{ severity: 'error', message }] })
      t.equal(result.diagnostics.length, 1)
      t.match(await build(good), { ok: true, pages: 1 }, 'the next build')
    })
  }
  t.end()
})

test('names the place, with a code frame', async t => {
  const file = module('  const x = null\n  x.y')
  const { diagnostics: [first] } = await build(file)
  t.match(first, { file, line: 5, frame: />.*5 \|\s+x\.y/ })
  const broken = module('  const = 1')
  t.match((await build(broken)).diagnostics, [{ file: broken, line: 4, message: /SyntaxError/ }], 'a syntax error as well')
  writeFileSync(join(dir, 'empty.mjs'), '')
  const wanting = module('')
  writeFileSync(wanting, 'import { x } from "./empty.mjs"\nexport default () => x')
  t.match((await build(wanting)).diagnostics, [{ message: /does not provide an export named 'x'/ }])
  const hidden = module('')
  writeFileSync(hidden, 'await import([".", "broken-hidden.mjs"].join("/"))\nexport default () => {}')
  writeFileSync(join(dir, 'broken-hidden.mjs'), 'const = 1')
  t.match((await build(hidden)).diagnostics, [{ message: /SyntaxError/ }])
  writeFileSync(join(dir, 'helper.mjs'), 'export const x = 1\nexport const = 2\n')
  const importing = module('')
  writeFileSync(importing, 'import "./helper.mjs"\nexport default () => {}')
  t.match((await build(importing)).diagnostics, [{ file: join(dir, 'helper.mjs'), line: 2 }], 'and one in what it imports')
})

test('an exit after success is tolerated', async t => {
  const file = module('setTimeout(() => process.exit(3), 20); return { pages: 2 }')
  for (let i = 0; i < 3; i++) {
    t.match(await build(file), { ok: true, pages: 2 })
    // Just before it exits: the next build may meet that.
    await new Promise(resolve => setTimeout(resolve, 15))
  }
  t.match(await build(good), { ok: true })
})

test('heap out of memory', async t => {
  const small = pool({ execArgv: ['--max-old-space-size=24'] })
  t.teardown(() => small.close())
  const file = module('const all = []; for (;;) all.push(new Array(1000).fill(all.length))')
  t.match(await build(file, { executor: small }), { ok: false, diagnostics: [{ message: /ran out of memory.*max-old-space-size/ }] })
  t.match(await build(good, { executor: small }), { ok: true })
})

test('grandchildren do not outlive their child, a daemon neither', onLinux, async t => {
  for (const [name, ending, ok] of [['after a crash', 'process.exit(0)', false], ['after a success, when closed', 'return {}', true]] as const) {
    const tag = `77${String(process.pid).padStart(8, '0')}${ok ? 1 : 0}`
    const own = pool()
    const begun = join(dir, `begun-${tag}`)
    const body = `spawn('sleep', ['${tag}'], { stdio: 'inherit' }); spawn('setsid', ['sh', '-c', 'echo > ${begun}; exec sleep ${tag}'], { stdio: 'inherit', detached: true }).unref(); while (!fs.existsSync('${begun}')) await new Promise(r => setTimeout(r, 5)); ${ending}`
    t.equal((await build(module(body), { executor: own })).ok, ok, name)
    if (ok) await until(() => running(`sleep\0${tag}`).length === 2, 'both run')
    await own.close()
    await until(() => running(tag).length === 0, `no sleep ${tag}`, 5_000)
  }
})

test('40 MB of output, binary, colours, half characters', async t => {
  const before = process.memoryUsage.rss()
  const flood = 'const c = Buffer.alloc(1e6, 97); for (let i = 0; i < 40; i++) if (!process.stdout.write(c)) await new Promise(r => process.stdout.once("drain", r))\nreturn {}'
  const result = await build(module(flood))
  t.match(result, { ok: true, output: /^\[\d+ bytes dropped\]\na+$/ })
  t.ok((result.output as string).length < 70_000)
  t.ok(process.memoryUsage.rss() - before < 80e6, 'the server keeps a tail, not the flood')
  // The pause parts a character: its halves come in two reads.
  const mixed = await build(module('process.stdout.write(Buffer.from([0xc3])); await new Promise(r => setTimeout(r, 20)); process.stdout.write(Buffer.concat([Buffer.from([0xa9]), Buffer.from("\\x1b[31mred\\x1b[0m\\xff\\x00end")])); return {}'))
  t.match(mixed, { ok: true, output: /^é.*end$/s })
})

test('stdin is at its end', async t => {
  t.match(await build(module('let n = 0; for await (const c of process.stdin) n += c.length; return { pages: n }')), { ok: true, pages: 0 })
})

test('a million lines, a result of 10 MB', async t => {
  const context = contextOf()
  t.match(await build(module('for (let i = 0; i < 1e6; i++) { log("x"); progress({ label: "p", done: i, total: 1e6 }) } return {}'), {}, context), { ok: true })
  t.equal(context.lines.length, 1_001)
  t.match(context.lines.at(-1), /the rest of this build is not logged/)
  t.ok(context.seen.length < 1_000)
  const large = await build(module('return { meta: { big: Buffer.alloc(10e6, 1) } }'))
  t.equal((large.meta?.big as Uint8Array).length, 10e6)
})

test('a missing module, a directory, no function, a missing dependency', async t => {
  const plain = join(dir, 'plain.mjs')
  writeFileSync(plain, 'export const x = 1')
  const cases: [string, RegExp][] = [
    [join(dir, 'nope.mjs'), /there is no build module .*nope\.mjs/],
    [dir, /is not a file/],
    [plain, /no default export that is a function/],
    [module('await import("not-installed-anywhere")'), /not-installed-anywhere/]
  ]
  for (const [file, message] of cases) t.match(await build(file), { ok: false, diagnostics: [{ message }] })
})

test('the system gives no process: the build says so, and the next one tries again', onLinux, async t => {
  // An environment of this size is refused each time, unlike a process limit (process-limit.test.ts).
  const strict = pool({ env: { BIG: 'x'.repeat(200_000) } })
  t.match(await build(good, { executor: strict }), { ok: false, diagnostics: [{ message: /the system gives no process: .*E2BIG/ }] })
  t.match(await build(good, { executor: strict }), { ok: false, diagnostics: [{ message: /the system gives no process: .*E2BIG/ }] })
  await strict.close()
})

test('a forged result does not count', async t => {
  const forge = 'const { serialize } = await import("node:v8"); fs.writeSync(3, serialize({ type: "result", id: request.id, rss: 1, bytes: serialize({ pages: 666 }) }).toString("base64") + "\\n"); return { pages: 7 }'
  t.match(await build(module(forge)), { ok: true, pages: 7 })
})

// At work, idle, and failing because nobody reads.
const LOOP = 'for (;;);'
const PRINT = 'for (;;) { fs.writeSync(1, "x"); await null }'

test('a server that dies leaves no process', { jobs: 4, ...onLinux }, t => {
  // Two seconds, where Node starts in a tenth of one: a machine that is busy with other things is given more.
  const began = performance.now()
  execFileSync(process.execPath, ['-e', '0'])
  const allowed = Math.max(2_000, 20 * (performance.now() - began))
  for (const [index, [signal, then]] of ([['SIGKILL', LOOP], ['SIGTERM', LOOP], ['SIGINT', LOOP], ['SIGHUP', LOOP], ['exit', LOOP], ['SIGKILL', 'return {}'], ['SIGKILL', PRINT]] as const).entries()) {
    t.test(`${signal}, ${then}`, async t => {
      const tag = `78${String(process.pid).padStart(8, '0')}${index}`
      const file = module(`if (request.id === ${JSON.stringify(tag)}) { spawn('setsid', ['sleep', '${tag}'], { stdio: 'ignore' }); fs.writeSync(1, 'x'); fs.writeFileSync(${JSON.stringify(join(dir, tag))}, String(process.pid)); ${then} }`)
      const server = join(library, `server-${tag}.mjs`)
      writeFileSync(server, `import { isolated } from './lib/builds/builders/isolated.js'
const b = isolated(${JSON.stringify(file)}, { env: { TAG: '${tag}' } })
b.warm()
b.build({ id: '${tag}', reason: 'manual', cwd: '/', changed: [], incremental: false }, { signal: new AbortController().signal, log () {}, progress () {} })
process.on('message', () => process.exit(0))`)
      const child = spawn(process.execPath, [server, tag], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
      // It says so when the grandchild has begun; a server that just starts a child counts twice for a moment.
      await until(() => existsSync(join(dir, tag)) && running(tag).length >= 2, 'the server and its grandchild')
      const group = childrenOf(child.pid as number).map(one => one.pid)
      t.ok(group.length >= 1)
      if (signal === 'exit') child.send('exit')
      else child.kill(signal)
      const start = performance.now()
      await until(() => running(tag).length === 0 && group.every(pid => running('child.js').indexOf(pid) < 0), `nobody after ${signal}`, allowed)
      t.comment(`${signal}: ${Math.round(performance.now() - start)} ms`)
      t.strictSame(running(`sleep\0${tag}`), [])
    })
  }
  t.end()
})

test('closed while it loops', async t => {
  const own = pool()
  const begun = join(dir, 'begun')
  const stopped = build(module(`fs.writeFileSync(${JSON.stringify(begun)}, ''); for (;;);`), { executor: own })
  await until(() => existsSync(begun), 'it loops')
  const start = performance.now()
  await own.close()
  t.ok(performance.now() - start < 3_000)
  t.equal((await stopped).ok, false)
  t.match(await build(good, { executor: own }), { ok: false, diagnostics: [{ message: /the app closes/ }] })
})

const FAILURES = times(48, 200)
test(`${FAILURES} failing builds leave no zombie, descriptor, listener or child`, onPosix, async t => {
  const own = pool()
  await build(good, { executor: own })
  const file = module('if (request.id % 6 === 0) process.exit(1); throw new Error("no")')
  const look = () => ({ descriptors: descriptors(), listeners: process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0) })
  await build(file, { executor: own })
  await until(() => childrenOf(process.pid).length > 0, 'children')
  const before = look()
  for (let i = 0; i < FAILURES; i++) {
    const builder = isolated(file, { executor: own })
    const { ok } = await builder.build(requestOf({ id: String(i), cwd: dir }), contextOf())
    if (ok) t.fail('a build that fails')
  }
  // The pool of all tests is idle: only the number matters, whoever of the two pools has its spare by now.
  await until(() => look().descriptors <= before.descriptors + 8, `descriptors: ${before.descriptors} -> ${look().descriptors}`, 5_000)
  t.equal(look().listeners, before.listeners)
  t.ok(await until(() => childrenOf(process.pid).every(one => one.state !== 'Z'), 'no zombie', 5_000))
  await own.close()
})

test('the clock jumps', async t => {
  const now = Date.now
  t.teardown(() => { Date.now = now })
  // What the build takes is what is measured.
  const running = build(module('await new Promise(r => setTimeout(r, 100)); return {}'), { timeout: 60_000 })
  Date.now = () => now() - 3_600_000
  const result = await running
  t.ok(result.ok && result.ms > 50 && result.ms < 50_000)
})

test('a child that holds too much memory is replaced', async t => {
  const pid = module('return { meta: { pid: process.pid } }')
  for (const [name, options, distinct] of [['above the limit', { maxRssBytes: 1024 }, 3], ['below', {}, 1]] as const) {
    const own = pool({}, options)
    const seen = new Set<unknown>()
    for (let i = 0; i < 3; i++) seen.add((await build(pid, { executor: own })).meta?.pid)
    t.equal(seen.size, distinct, name)
    await own.close()
  }
})

test('a build that printed a flood does not print into the next one', async t => {
  const flood = module('const c = Buffer.alloc(1e6, 97); for (let i = 0; i < 20; i++) fs.writeSync(1, c.subarray(0, 1000)); for (let i = 0; i < 20; i++) if (!process.stdout.write(c)) await new Promise(r => process.stdout.once("drain", r))\nreturn { meta: { pid: process.pid } }')
  const first = await build(flood)
  const second = await build(module('return { meta: { pid: process.pid } }'))
  t.not(second.meta?.pid, first.meta?.pid, 'in another child')
  t.equal(second.output, undefined)
})

test('a module that crashes when it is loaded does not start children forever', onPosix, async t => {
  const file = join(dir, 'crash.mjs')
  writeFileSync(file, 'process.kill(process.pid, "SIGSEGV")')
  let starts = 0
  const own = pool({}, { start: owner => { starts++; return new ProcessMember(owner, {}, entry) } })
  await own.warm(file)
  for (let i = 0; i < 3; i++) t.match(await build(file, { executor: own }), { ok: false, diagnostics: [{ message: /SIGSEGV/ }] })
  t.ok(starts <= 2 + 3 * 2, `${starts} starts`)
  writeFileSync(file, 'export default () => ({ pages: 1 })')
  t.match(await build(file, { executor: own }), { ok: true })
  await own.close()
})

test('what it does to itself does not reach the server', async t => {
  const before = { cwd: process.cwd(), umask: process.umask(), env: { ...process.env } }
  t.match(await build(module('process.chdir("/"); process.umask(0o077); process.env.LR_TEST = "1"; Object.prototype.bad = 1; return JSON.parse(\'{"__proto__":{"polluted":true},"meta":{"__proto__":{"x":1}}}\')')), { ok: true })
  t.strictSame({ cwd: process.cwd(), umask: process.umask(), env: { ...process.env } }, before)
  t.notOk('polluted' in {})
})

test('a path with spaces, quotes and more', async t => {
  const odd = folder(t, { 'a b\'c"é$(id)/build #1%20.mjs': 'export default () => ({ pages: 4 })' })
  t.match(await build(odd.at('a b\'c"é$(id)/build #1%20.mjs')), { ok: true, pages: 4 })
})

test('an edited module, or what it imports, is loaded anew', async t => {
  const odd = folder(t, { 'a.mjs': 'import { n } from "./b.mjs"\nexport default () => ({ pages: n })', 'b.mjs': 'export const n = 1' })
  t.match(await build(odd.at('a.mjs')), { pages: 1 })
  odd.write('b.mjs', 'export const n = 22')
  t.match(await build(odd.at('a.mjs')), { pages: 22 })
  odd.write('a.mjs', 'export default () => ({ pages: 333 })')
  t.match(await build(odd.at('a.mjs')), { pages: 333 })
})

test('TypeScript: by Node, by tsx when the app has it, else it says what to do', async t => {
  const loader = `import { register } from 'node:module'
register('data:text/javascript,' + encodeURIComponent('export async function load (url, context, next) { if (!url.endsWith(".ts")) return next(url, context); const { source } = await next(url, { ...context, format: "module" }); return { format: "module", shortCircuit: true, source: String(source).replace(": number", "") } }'))`
  const typed = 'const pages: number = 5\nexport default () => ({ pages })\n'
  const at = folder(t, {
    'with/node_modules/tsx/package.json': '{"name":"tsx","exports":"./loader.mjs"}',
    'with/node_modules/tsx/loader.mjs': loader,
    'with/build.ts': typed,
    'without/build.ts': typed
  })
  const server = join(library, 'typescript.mjs')
  writeFileSync(server, `import { isolated } from './lib/builds/builders/isolated.js'
const builder = isolated(process.argv[2])
const result = await builder.build({ id: '1', reason: 'manual', cwd: process.cwd(), changed: [], incremental: false }, { signal: new AbortController().signal, log () {}, progress () {} })
await builder.close()
process.stdout.write(JSON.stringify(result))`)
  const run = (name: string) => JSON.parse(execFileSync(process.execPath, [server, at.at(name)], { cwd: at.path, encoding: 'utf8' })) as BuildResult
  t.match(run('with/build.ts'), { ok: true, pages: 5 })
  if ('typescript' in process.features && process.features.typescript) t.match(run('without/build.ts'), { ok: true, pages: 5 })
  else t.match(run('without/build.ts'), { ok: false, diagnostics: [{ message: /use Node 22\.18 or newer, install tsx.*or point to a JavaScript file/ }] })
})
