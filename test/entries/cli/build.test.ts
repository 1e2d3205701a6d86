// `fastify-live-reload build` as a real process.
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { test } from 'tap'
import type { BuildResult } from '../../../types/build.js'
import { folder } from '../../support/folder.js'
import { running } from '../../support/processes.js'
import { onPosix } from '../../support/system.js'
import { until } from '../../support/wait.js'
import { run, start } from './support.js'

interface Report { readonly ok: boolean, readonly ms: number, readonly profile: string, readonly builds: readonly (BuildResult & { readonly name: string, readonly aborted?: boolean })[] }

test('good builds with their hooks: lines on stdout, exit code 0', async t => {
  const f = folder(t, {
    'hook.mjs': 'import { writeFileSync } from "node:fs"; writeFileSync("hook.txt", [process.env.LIVE_RELOAD_PROFILE, process.env.LIVE_RELOAD_REASON, process.env.LIVE_RELOAD_BUILD_PRIORITY].join(" "))',
    'isolated.mjs': 'export default ({ profile }) => ({ meta: { profile } })',
    'live-reload.config.mjs': `export default {
      root: 'public',
      build: [
        { name: 'site', source: 'src', before: 'node hook.mjs', builder (request, { log }) { log(request.profile + '\\u001b[31m'); return { counts: { sources: 1, pages: 1200, byKind: {}, byFormat: {}, files: 1 }, meta: { shards: 16, cached: 15, workers: 1 } } }, after () { throw new Error('soft') } },
        { name: 'css', source: 'src', builder: ['node', '-e', 'setInterval(() => {}, 1000).unref()'] }
      ]
    }`
  })
  const { code, stdout, stderr } = await run({ cwd: f.path })
  t.equal(code, 2, 'without a command')
  t.equal(stdout, '')
  t.match(stderr, /Usage/)
  const built = await run({ cwd: f.path }, 'build')
  t.equal(built.code, 0)
  t.match(built.stdout, /^site: production\?\[31m$/m, 'what a builder logs, without control characters')
  t.match(built.stdout, /^site: 1,200 pages, 1 file in \d+\.\d\d s \(16 shards, 15 cached, 1 worker\)$/m)
  t.match(built.stdout, /^css: done in \d/m)
  t.match(built.stderr, /^live-reload\.config\.mjs:4:\d+: warning: after hook after: soft$/m, 'warnings go to stderr')
  t.equal(readFileSync(f.at('hook.txt'), 'utf8'), 'production manual normal', 'a hook knows the profile, and what runs keeps its priority')
})

test('a failed build: all diagnostics with places and frames on stderr, exit code 1', async t => {
  const f = folder(t, {
    'src/a.js': 'let a = 1\nlet b =\n',
    'live-reload.config.mjs': `const diagnostics = Array.from({ length: 12 }, (_, i) => ({ severity: 'error', message: 'error ' + i, file: 'src/a.js', line: 2, column: 8, ...i === 3 && { shard: 'guide' } }))
export default { build: [
  { name: 'site', source: 'src', builder: () => ({ diagnostics }) },
  { name: 'mute', source: 'src', builder: () => ({ ok: false }) },
  { name: 'global', source: 'src', builder: () => ({ diagnostics: [{ severity: 'error', message: 'no place' }] }) }
] }`
  })
  const { code, stdout, stderr } = await run({ cwd: f.path }, 'build')
  t.equal(code, 1)
  t.match(stdout, /^site: failed in [\d.]+ s: 12 errors$/m)
  t.match(stdout, /^mute: failed in [\d.]+ s: no reason given$/m)
  for (let i = 0; i < 12; i++) t.match(stderr, new RegExp(`^src/a\\.js:2:8: ${i === 3 ? 'shard guide: ' : ''}error: error ${i}$`, 'm'))
  t.match(stderr, /^error: no place$/m)
  t.match(stderr, /^> 2 \| let b =$/m, 'the lines around')
})

test('--json: one report on stdout, whatever builds print there', async t => {
  const f = folder(t, {
    'live-reload.config.mjs': `export default { build: [
      { name: 'site', source: 'src', builder: async request => { console.log('noise'); process.stdout.write('more'); return { pages: 2, meta: { profile: request.profile } } } },
      { name: 'bad', source: 'src', builder: () => { throw new Error('broken') } }
    ] }`
  })
  const { code, stdout, stderr } = await run({ cwd: f.path }, 'build', '--json', '--profile', 'development')
  t.equal(code, 1)
  const { builds, ...report } = JSON.parse(stdout) as Report
  t.match(report, { ok: false, ms: Number, profile: 'development' })
  t.match(builds.find(({ name }) => name === 'site'), { ok: true, ms: Number, diagnostics: [], pages: 2, meta: { profile: 'development' } })
  t.match(builds.find(({ name }) => name === 'bad'), { ok: false, diagnostics: [{ severity: 'error', message: 'broken', line: 3 }] })
  t.match(stderr, /noise\nmore/)
})

test('--fail-fast: the first failure stops the others; --name runs one', async t => {
  const f = folder(t, {
    'live-reload.config.mjs': `let isSlowUp
const slow = new Promise(resolve => { isSlowUp = resolve })
export default { build: [
  { name: 'slow', source: 'src', builder: (request, { signal }) => new Promise((resolve, reject) => { isSlowUp(); signal.addEventListener('abort', () => reject(signal.reason)) }) },
  { name: 'bad', source: 'src', builder: async () => { await slow; return { ok: false } } },
  { name: 'good', source: 'src', builder () {} }
] }`
  })
  const [failed, chosen, text] = await Promise.all([
    run({ cwd: f.path }, 'build', '--fail-fast', '--json'),
    run({ cwd: f.path }, 'build', '--name', 'good', '--json'),
    run({ cwd: f.path }, 'build', '--fail-fast')
  ])
  t.equal(failed.code, 1)
  t.match((JSON.parse(failed.stdout) as Report).builds.find(({ name }) => name === 'slow'), { ok: false, aborted: true })
  t.match(text.stdout, /^slow: stopped$/m)
  t.equal(chosen.code, 0)
  t.same((JSON.parse(chosen.stdout) as Report).builds.map(({ name }) => name), ['good'])
})

test('flags of sharded() reach its builders', async t => {
  const f = folder(t, {
    'shard.mjs': 'export default ({ shardId, pages, profile }) => ({ files: Object.fromEntries(pages.map(({ id }) => [id + ".html", profile + " " + shardId])) })',
    'live-reload.config.mjs': `import { sharded } from ${JSON.stringify(new URL('../../../lib/entries/shards/index.ts', import.meta.url).href)}
const pages = ['v1', 'v2', 'v3'].flatMap(version => ['a', 'b'].map(section => ({ id: version + '/' + section, version, section })))
export default { build: [
  { name: 'site', source: 'src', builder: sharded({ pages: () => pages, shard: 'shard.mjs', outDir: 'dist', minPages: 0 }) },
  { name: 'plain', source: 'src', builder () {} }
] }`
  })
  const site = async (...flags: string[]) => {
    const { code, stdout, stderr } = await run({ cwd: f.path }, 'build', '--json', ...flags)
    t.equal(code, 0, stderr + stdout)
    return (JSON.parse(stdout) as Report).builds.find(({ name }) => name === 'site')
  }
  t.match(await site('--by', 'version', '--versions', 'v1, v2', '--workers', '1', '--cache', 'cache', '--fail-fast'), { counts: { pages: 4 }, meta: { shards: 2, built: ['v1', 'v2'], workers: 1 } })
  t.equal(readFileSync(f.at('dist/v1/a.html'), 'utf8'), 'production v1')
  t.notOk(existsSync(f.at('dist/v3/a.html')), 'other versions are left alone')
  t.match(await site('--by', 'version', '--cache', 'cache'), { counts: { pages: 6 }, meta: { shards: 3, built: ['v3'], cached: 2 } }, 'what was built before comes from the cache')
  t.match(await site('--shards', 'off', '--cache', 'off'), { meta: { shards: 1 } })
  t.match(await site('--shards', '2'), { counts: { pages: 6 } })
})

test('a terminal shows how far the build is', async t => {
  const f = folder(t, {
    'live-reload.config.mjs': `import { existsSync } from 'node:fs'
export default { build: { name: 'site', source: 'src', async builder (request, { progress }) {
  progress({ label: 'pages', done: 3, total: 9 })
  while (!existsSync('go')) await new Promise(resolve => setTimeout(resolve, 5))
} } }`
  })
  const { said, ended } = start({ cwd: f.path, env: { TERM: 'xterm' }, node: ['--import', 'data:text/javascript,process.stderr.isTTY=true'] }, 'build')
  await until(() => /building site 3 of 9 \(pages\), \d\.\d s\r/.test(said()), 'the row')
  f.write('go', '')
  const { code, stdout, stderr } = await ended
  t.equal(code, 0)
  t.match(stdout, /^site: done in/)
  t.ok(stderr.endsWith('\r\u001b[2K'), 'the row is gone')
})

test('SIGINT and SIGTERM stop everything that was started', onPosix, async t => {
  const mark = `live-reload-cli-${process.pid}`
  const f = folder(t, {
    'stubborn.sh': `trap '' TERM INT\nsh -c "trap '' TERM INT; touch inner; while :; do sleep 1; done" ${mark} &\ntouch command\nwhile :; do sleep 1; done`,
    'isolated.mjs': 'import { writeFileSync } from "node:fs"\nexport default () => { writeFileSync("isolated", String(process.pid)); for (;;); }',
    'live-reload.config.mjs': `import { writeFileSync } from 'node:fs'
import { isolated } from ${JSON.stringify(new URL('../../../lib/builds/builders/isolated.ts', import.meta.url).href)}
export default { build: [
  { name: 'command', source: 'src', builder: ['sh', 'stubborn.sh', ${JSON.stringify(mark)}] },
  { name: 'isolated', source: 'src', builder: isolated('isolated.mjs') },
  { name: 'deaf', source: 'src', builder: { name: 'deaf', build: () => { writeFileSync('deaf', ''); return new Promise(() => {}) } } }
] }`
  })
  for (const [signal, expected] of [['SIGINT', 130], ['SIGTERM', 143]] as const) {
    const { child, ended } = start({ cwd: f.path }, 'build')
    await until(() => ['command', 'inner', 'isolated', 'deaf'].every(name => existsSync(f.at(name)) && (name !== 'isolated' || readFileSync(f.at(name), 'utf8') !== '')), 'all builds run')
    const isolated = Number(readFileSync(f.at('isolated'), 'utf8'))
    child.kill(signal)
    t.equal((await ended).code, expected, `${signal}: exit code`)
    await until(() => running(mark).length === 0, `${signal}: the command and what it started are gone`)
    await until(() => !running('child.').includes(isolated), `${signal}: the isolated build is gone`)
    for (const name of ['command', 'inner', 'isolated', 'deaf']) rmSync(f.at(name))
  }
})
