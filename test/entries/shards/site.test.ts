// Builds of whole sites, in the server's process: what is built, what is kept, and what is written.
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import type { Merge, Page, Partition, ShardOutcome, ShardRunner } from '../../../types/shards.js'
import { by } from '../../../lib/entries/shards/partition/by.js'
import { digestOf } from '../../../lib/entries/shards/plan/digest.js'
import { local } from '../../../lib/entries/shards/run/local.js'
import { onLinux } from '../../support/system.js'
import { until } from '../../support/wait.js'
import { contextOf, fileCache, filesOf, messages, smallSite } from './small-site.js'

const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`${i % 2 === 0 ? 'v1' : 'v2'}/part-${i % 3}/${i % 5 === 0 ? 'api-' : ''}${i}.txt`, `text ${i}`]))

test('a page is built where it has changed, and nowhere else, by each partition', async t => {
  for (const name of ['hash', 'section', 'version', 'kind'] as const) {
    const site = smallSite(t, many(40))
    const builder = site.builder({ partition: by[name] })
    t.match(await site.build(builder), { ok: true, pages: 40 })
    const all = site.built()
    t.ok(all.length > 1, `${name}: ${all.length} shards`)
    t.match(await site.build(builder), { ok: true, outputs: [], meta: { built: [], cached: all.length } })
    t.strictSame(site.built(), [], 'nothing to do')
    site.write('src/v1/part-0/0.txt', 'edited')
    site.write('src/v1/part-0/api-0.txt', 'edited')
    t.match(await site.build(builder), { ok: true, outputs: [site.at('out/v1/part-0/api-0.html'), site.at('out/v1/part-0/0.html')].sort() })
    site.built()
    site.write('src/v1/part-0/api-0.txt', 'edited again')
    await site.build(builder)
    t.equal(site.built().length, 1, `${name}: an edit`)
    t.match(site.output()['v1/part-0/api-0.html'], /edited again/)
    site.write('src/v1/part-0/new.txt', 'new')
    await site.build(builder)
    t.equal(site.built().length, 1, `${name}: a new page`)
    t.match(site.output()['v1/part-0/new.html'], /new/)
    rmSync(site.at('src/v1/part-0/new.txt'))
    await site.build(builder)
    t.ok(site.built().length <= 1, `${name}: a removed page`)
    t.notOk('v1/part-0/new.html' in site.output(), 'its file is gone')
  }
})

test('a renamed page is built once, and its old file is deleted', async t => {
  const site = smallSite(t, many(20))
  const builder = site.builder({ partition: by.section })
  await site.build(builder)
  site.built()
  renameSync(site.at('src/v1/part-0/6.txt'), site.at('src/v1/part-0/renamed.txt'))
  await site.build(builder)
  t.strictSame(site.built(), ['part-0'])
  const files = Object.keys(site.output())
  t.ok(files.includes('v1/part-0/renamed.html'))
  t.notOk(files.includes('v1/part-0/6.html'))
})

test('output is the same, byte for byte, for every number of shards, partition, and order in which they end', async t => {
  const site = smallSite(t, many(60))
  const merge: Merge = (results, { outDir }) => {
    mkdirSync(outDir, { recursive: true })
    site.write(`${outDir.slice(site.path.length)}/../x`, '')
    return { meta: { urls: results.flatMap(({ sitemapEntries }) => sitemapEntries.map(({ url }) => url)).sort() } }
  }
  let expected: Record<string, string> | undefined
  const cache = fileCache(site.at('cache'))
  const ways: [string, object][] = [
    ['unsharded', { shards: false }], ['2', { shards: 2 }], ['16', { shards: 16 }], ['64', { shards: 64 }],
    ...Object.entries(by).filter(([name]) => name !== 'each').map(([name, partition]): [string, object] => [name, { partition }]),
    ['each', { partition: by.each(by.version, by.kind) }], ['own', { partition: ((pages: readonly Page[]) => new Map([['b', pages.slice(0, 7)], ['a', pages.slice(7)]])) satisfies Partition }],
    ['cold cache', { cache }], ['warm cache', { cache }], ['shuffled', { on: shuffled() }], ['shuffled otherwise', { on: shuffled() }]
  ]
  for (const [name, options] of ways) {
    const dir = `out-${name}`
    const builder = site.builder({ ...options, outDir: site.at(dir), merge })
    t.match(await site.build(builder), { ok: true, counts: { sources: 60, pages: 60, byKind: { api: 12, content: 48 }, byFormat: { html: 60 }, files: 60 } }, name)
    const files = filesOf(site.at(dir))
    expected ??= files
    t.strictSame(files, expected, name)
  }
  t.equal(Object.keys(expected ?? {}).length, 60)
})

/** Shards end in another order each time. */
function shuffled (): ShardRunner {
  const inner = local({ executor: 'inline' })
  return {
    name: 'shuffled',
    async * run (shards, job, context) {
      const outcomes: [number, ShardOutcome][] = []
      for await (const outcome of inner.run(shards, job, context)) {
        const bytes = await outcome.contents()
        outcomes.push([Math.random(), { ...outcome, contents: async () => bytes }])
      }
      for (const [, outcome] of outcomes.sort(([a], [b]) => a - b)) yield outcome
    }
  }
}

test('a file that several pages are made from rebuilds these pages alone', async t => {
  const site = smallSite(t, { 'a.txt': 'a', 'b.txt': 'b', 'c.txt': 'c' })
  site.write('parts/menu.txt', 'menu')
  const pages = () => site.pages().map(page => ({ ...page, section: page.id, deps: page.id === 'c.txt' ? [] : ['parts/menu.txt'] }))
  const builder = site.builder({ pages, partition: by.section })
  await site.build(builder)
  site.built()
  site.write('parts/menu.txt', 'other menu')
  await site.build(builder)
  t.strictSame(site.built(), ['a.txt', 'b.txt'])
  t.match(site.output()['a.html'], /other menu/)
})

test('a file that a sixth of the pages are made from rebuilds the shards with one of these pages, and no other', async t => {
  const site = smallSite(t, many(90))
  site.write('parts/menu.txt', 'menu')
  const uses = ({ id }: Page) => Number(/(\d+)\.txt$/.exec(id)?.[1]) % 6 === 0
  const pages = () => site.pages().map(page => ({ ...page, deps: uses(page) ? ['parts/menu.txt'] : [] }))
  for (const [name, partition] of Object.entries({ hash: by.hash, both: by.each(by.version, by.section) })) {
    const builder = site.builder({ pages, partition, shards: 32, outDir: site.at(name), cache: fileCache(site.at('cache')) })
    await site.build(builder)
    site.built()
    site.write('parts/menu.txt', `a menu for ${name}`)
    const { outputs } = await site.build(builder)
    const expected = [...partition(pages(), 32)].filter(([, part]) => part.some(uses)).map(([id]) => id).sort()
    t.strictSame(site.built(), expected, name)
    t.ok(expected.length > 0 && expected.length < partition(pages(), 32).size, 'others do not')
    t.strictSame(outputs?.map(path => path.slice(site.at(name).length + 1)).sort(), pages().filter(uses).map(({ id }) => id.replace('.txt', '.html')).sort(), 'and only these pages are written')
  }
})

test('a change of the module, its version, the profile, or globals rebuilds all; only the part of globals that pages show counts', async t => {
  const site = smallSite(t, { 'one/a.txt': 'a', 'two/b.txt': 'b' })
  const base = { partition: by.section, cache: fileCache(site.at('cache')) }
  await site.build(site.builder(base))
  t.strictSame(site.built(), ['one', 'two'])
  await site.build(site.builder({ ...base, version: '2' }))
  t.strictSame(site.built(), ['one', 'two'], 'version')
  await site.build(site.builder(base), { profile: 'production' })
  t.strictSame(site.built(), ['one', 'two'], 'profile')
  t.match(site.output()['one/a.html'], /production/)
  site.write('package-lock.json', '{}')
  await site.build(site.builder(base))
  t.strictSame(site.built(), ['one', 'two'], 'installed packages')
  let menu = { one: 'A', two: 'B' }
  const globals = { ...base, globals: () => menu, globalsFor: (all: unknown, pages: readonly Page[]) => (all as Record<string, string>)[pages[0]?.section as string] }
  await site.build(site.builder(globals))
  t.strictSame(site.built(), ['one', 'two'])
  menu = { one: 'A', two: 'C' }
  await site.build(site.builder(globals))
  t.strictSame(site.built(), ['two'], 'the part of one shard')
  t.match(site.output(), { 'one/a.html': /"A"/, 'two/b.html': /"C"/ })
  site.write('shard.mjs', '// newer\nexport default () => ({ files: { "only.html": "" } })')
  t.match(await site.build(site.builder({ ...base, partition: by.hash, shards: 1 })), { ok: true })
  t.strictSame(Object.keys(site.output()), ['only.html'])
})

test('keys do not depend on where the sources lie: a cache serves another checkout', async t => {
  const [one, two] = [smallSite(t, many(20)), smallSite(t, many(20))]
  const cache = fileCache(one.at('cache'))
  const absolute = (site: typeof one) => () => site.pages().map(page => ({ ...page, file: site.at(page.file as string), deps: [site.at('shard.mjs')] }))
  await one.build(one.builder({ cache, pages: absolute(one) }))
  t.match(await two.build(two.builder({ cache, pages: absolute(two) })), { ok: true, meta: { built: [] } })
  t.strictSame(two.output(), one.output())
})

test('what was built by another process comes from the cache; without one all is built', async t => {
  const site = smallSite(t, many(20))
  const cache = fileCache(site.at('cache'))
  const first = site.builder({ cache })
  await site.build(first)
  await first.close?.()
  site.built()
  const before = statSync(site.at('out/v1/part-0/6.html')).mtimeMs
  t.match(await site.build(site.builder({ cache })), { ok: true, outputs: [] })
  t.strictSame(site.built(), [])
  t.equal(statSync(site.at('out/v1/part-0/6.html')).mtimeMs, before, 'files are not written again')
  rmSync(site.at('out'), { recursive: true })
  t.match(await site.build(site.builder({ cache })), { ok: true, meta: { built: [] } })
  t.equal(Object.keys(site.output()).length, 20, 'they come out of the cache')
  rmSync(site.at('out'), { recursive: true })
  await site.build(site.builder())
  t.ok(site.built().length > 1)
  t.equal(Object.keys(site.output()).length, 20)
})

test('files that no note knows stay, which is told once', async t => {
  const site = smallSite(t, { 'a.txt': 'a', 'b.txt': 'b' })
  const first = site.builder()
  const context = contextOf()
  await site.build(first, {}, context)
  t.strictSame(context.lines, [], 'an empty directory')
  await first.close?.()
  const same = contextOf()
  await site.build(site.builder(), {}, same)
  t.strictSame(same.lines, [], 'nothing is left over')
  rmSync(site.at('src/b.txt'))
  const cache = fileCache(site.at('cache'))
  const [forgetful, next, noted] = [site.builder(), contextOf(), contextOf()]
  for (let i = 0; i < 2; i++) await site.build(forgetful, {}, next)
  t.match(next.lines, [/out holds files that this build did not write \(1, such as b\.html\): they stay, because no note/])
  t.equal(next.lines.length, 1)
  await site.build(site.builder({ cache }), {}, noted)
  t.equal(noted.lines.length, 1, 'a new cache')
  await site.build(site.builder({ cache }), {}, noted)
  t.equal(noted.lines.length, 1, 'with a note nothing is unknown')
  t.strictSame(Object.keys(site.output()), ['a.html', 'b.html'])
})

test('files that somebody changes or deletes come back, files of others stay', async t => {
  const site = smallSite(t, { 'a.txt': 'a', 'b.txt': 'b' })
  const builder = site.builder()
  await site.build(builder)
  site.write('out/foreign.html', 'mine')
  site.write('out/a.html', 'damaged, and longer')
  rmSync(site.at('out/b.html'))
  const expected = { 'a.html': /\|a\|/, 'b.html': /\|b\|/, 'foreign.html': 'mine' }
  t.match(await site.build(builder), { ok: true })
  t.match(site.output(), expected)
  rmSync(site.at('src/a.txt'))
  await site.build(builder)
  t.strictSame(Object.keys(site.output()), ['b.html', 'foreign.html'])
  // A directory where a file was, and the other way round.
  renameSync(site.at('src/b.txt'), site.at('src/c.txt'))
  site.write('src/b.html/d.txt', 'd')
  t.match(await site.build(builder), { ok: true })
  t.strictSame(Object.keys(site.output()), ['b.html/d.html', 'c.html', 'foreign.html'])
})

test('a shard that fails fails the build: every other shard is built, none is written, and the good ones are kept', async t => {
  const site = smallSite(t, many(20))
  const builder = site.builder({ partition: by.section })
  await site.build(builder)
  const before = site.output()
  site.built()
  site.write('src/v1/part-0/6.txt', 'throw')
  site.write('src/v1/part-1/4.txt', 'edited')
  const failed = await site.build(builder)
  t.match(failed, { ok: false, meta: { built: ['part-0', 'part-1'] } })
  t.strictSame(messages(failed), ['part-0: broken: v1/part-0/6.txt'])
  t.strictSame(site.output(), before, 'nothing is written half')
  site.built()
  site.write('src/v1/part-0/6.txt', 'mended')
  t.match(await site.build(builder), { ok: true })
  t.match(site.output(), { 'v1/part-0/6.html': /mended/, 'v1/part-1/4.html': /edited/ })
})

test('errors: fail-fast stops at the first one', async t => {
  const site = smallSite(t, Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`s${i}/a.txt`, i === 0 ? 'throw' : 'hang'])))
  const result = await site.build(site.builder({ partition: by.section, errors: 'fail-fast' }))
  t.strictSame(messages(result), ['s0: broken: s0/a.txt'])
  t.ok(site.built().length <= 2, 'the others would never end')
})

test('the same error of many shards is told once', async t => {
  const site = smallSite(t, many(20))
  site.write('shard.mjs', 'export default 5')
  const [first, ...others] = messages(await site.build(site.builder({ partition: by.section })))
  t.match(first, /^part-\d: .*has no default export.* \(and in 2 more shards\)$/)
  t.strictSame(others, [])
})

test('warnings do not fail a build, and come again from the cache', async t => {
  const site = smallSite(t, { 'a.txt': 'warn' })
  const builder = site.builder()
  for (const built of [1, 0]) {
    const result = await site.build(builder)
    t.match(result, { ok: true, diagnostics: [{ severity: 'warning', message: 'careful: a.txt' }] })
    t.equal(site.built().length, built)
  }
})

test('what a module gives back is checked, and names the field', async t => {
  const cases: [string, RegExp][] = [
    ['() => []', /`result` must be an object, got \[\]/],
    ['function * () { yield { pages: [] } }', /unknown field `pages`/],
    ['() => 5', /`result` must be an object, got 5/],
    ['() => ({ pages: [] })', /unknown field `pages`; known are renderedPages, /],
    ['() => ({ sitemapEntries: {} })', /`sitemapEntries` must be an array, got \{\}/],
    ['() => ({ sitemapEntries: [{ url: 5 }] })', /`sitemapEntries\[0\]\.url` must be a text, got 5/],
    ['() => ({ tagManifest: { x: [{ url: "/" }] } })', /`tagManifest\.x\[0\]\.title` must be a text/],
    ['() => ({ links: [["/"]] })', /`links\[0\]` must be \[from, to\[\]\]/],
    ['() => ({ errors: [{ severity: "bad", message: "" }] })', /`errors\[0\]\.severity` must be 'error' or 'warning'/],
    ...['line', 'column', 'frame', 'stack'].map((name): [string, RegExp] =>
      [`() => ({ errors: [{ severity: "warning", message: "", ${name}: {} }] })`, new RegExp(`\`errors\\[0\\]\\.${name}\` must be a (?:number|text), got \\{\\}`)]),
    ['() => ({ errors: [{ severity: "warning", message: "", line: "12" }] })', /`errors\[0\]\.line` must be a number, got "12"/],
    ['() => ({ files: { "a.html": 5 } })', /`files\.a\.html` must be a text or a Uint8Array, got 5/],
    ['() => ({ files: { "../a.html": "" } })', /\.\.\/a\.html is no path within the output directory/],
    ['() => ({ renderedPages: ["/etc/passwd"] })', /`renderedPages\[0\]` must be a path within the output directory/],
    ['() => ({ renderedPages: ["a.html"] })', /`renderedPages` names a\.html, which was not written/],
    ['async function * () { yield { files: { a: "" } }; yield { files: { a: "" } } }', /a is written twice/]
  ]
  for (const [module, expected] of cases) {
    const site = smallSite(t, { 'a.txt': '' })
    site.write('shard.mjs', `export default ${module}`)
    const result = await site.build(site.builder({ shards: 1 }))
    t.match(result, { ok: false, outputKept: true }, module)
    t.match(messages(result)[0], expected, module)
    t.strictSame(site.output(), {}, 'nothing is published')
  }
})

test('a module may be a generator, async or not', async t => {
  const site = smallSite(t, { 'a.txt': '', 'b.txt': '' })
  for (const kind of ['function *', 'async function *']) {
    site.write('shard.mjs', `export default ${kind} ({ pages }) { for (const { id } of pages) yield { files: { [id]: '${kind}' } } }`)
    t.match(await site.build(site.builder({ shards: 1 })), { ok: true, counts: { files: 2 } }, kind)
    t.strictSame(site.output(), { 'a.txt': kind, 'b.txt': kind })
  }
})

test('a module may write to its own directory, and must write what a page announces', async t => {
  const site = smallSite(t, { 'a.txt': '' })
  site.write('shard.mjs', `import { mkdirSync, writeFileSync } from 'node:fs'
export default ({ outDir }) => { mkdirSync(outDir + '/deep'); writeFileSync(outDir + '/deep/a.html', 'deep') }`)
  const announce = (path: string) => site.builder({ shards: 1, pages: () => [{ id: 'a', outputs: [path] }] })
  t.match(await site.build(announce('deep/a.html')), { ok: true, counts: { files: 1, byFormat: { html: 1 } } })
  t.strictSame(site.output(), { 'deep/a.html': 'deep' })
  t.match(messages(await site.build(announce('a.json'))), [/the page a was not written to a\.json/])
})

test('pages and partitions that are wrong are told before anything is built', async t => {
  const site = smallSite(t)
  const fail = async (options: object, expected: RegExp) => t.match((await site.build(site.builder(options))).diagnostics[0]?.message, expected)
  const pagesOf = (...pages: unknown[]) => ({ pages: () => pages })
  await fail({ pages: () => 5 }, /pages\(\) must give an array of pages, got 5/)
  await fail({ pages: () => { throw new Error('no disk') } }, /no disk/)
  await fail(pagesOf(null), /pages\(\)\[0\]: a page must be an object with an `id`, got null/)
  await fail(pagesOf({}), /pages\(\)\[0\]: `id` must be a text, got undefined/)
  await fail(pagesOf({ id: 'a' }, { id: 'a' }, { id: 'b' }), /each page needs an `id` of its own; used more than once: "a"/)
  await fail(pagesOf({ id: 'a', section: 5 }), /`section` of the page "a" must be a text, got 5/)
  await fail(pagesOf({ id: 'a', weight: -1 }), /`weight` of the page "a" must be a number from 0, got -1/)
  await fail(pagesOf({ id: 'a', deps: 'x' }), /`deps` of the page "a" must be an array of texts/)
  await fail(pagesOf({ id: 'a', outputs: ['../x'] }), /`outputs` of the page "a" must be paths within the output directory, each part at most 255 bytes long, got "\.\.\/x"/)
  await fail(pagesOf({ id: 'a', outputs: ['x'] }, { id: 'b', outputs: ['x'] }), /the pages "a" and "b" are both written to x/)
  const cut = (partition: (pages: Page[]) => unknown) => ({ ...pagesOf({ id: 'a' }, { id: 'b' }), partition })
  await fail(cut(() => []), /the partition must give a Map/)
  await fail(cut(pages => new Map([['x', pages.slice(1)]])), /the partition loses pages: "a"/)
  await fail(cut(pages => new Map([['x', pages], ['y', pages.slice(1)]])), /the partition gives pages to several shards: "b"/)
  await fail(cut(pages => new Map([['x', [...pages, { id: 'c' }]]])), /a page that was not given to it, in the shard x: \{"id":"c"\}/)
  await fail(cut(pages => new Map([['', pages]])), /must name shards by a text, got ""/)
  await fail(cut(() => new Map([['x', 5]])), /must give an array of pages for the shard x, got 5/)
  const many = { pages: () => Array.from({ length: 9 }, () => ({})) as never }
  t.match(messages(await site.build(site.builder(many))).at(-1), /4 more pages are wrong/)
  t.strictSame(site.built(), [])
})

test('two shards that write the same path fail the build', async t => {
  const site = smallSite(t, { 'x/a.txt': '', 'y/a.txt': '' })
  site.write('shard.mjs', 'export default () => ({ files: { "same.html": "" } })')
  const result = await site.build(site.builder({ partition: by.section }))
  t.strictSame(messages(result), ['same.html is written by the shard x and by the shard y'])
  t.strictSame(site.output(), {})
})

test('a file where another shard needs a directory fails the build, in whatever order they end', async t => {
  const site = smallSite(t, { 'x/a.txt': '', 'y/a.txt': '' })
  site.write('shard.mjs', 'export default ({ shardId }) => ({ files: shardId === "x" ? { "a": "", "deep/b/c": "" } : { "a/b": "", "deep/b": "" } })')
  const [up, down] = await Promise.all([0, 1].map(async last => {
    const runner = local({ executor: 'inline' })
    const on: ShardRunner = { ...runner, name: 'ordered', run: (shards, job, context) => runner.run([...shards].sort((a, b) => (a.id < b.id ? -1 : 1) * (last === 0 ? 1 : -1)), job, context) }
    return messages(await site.build(site.builder({ partition: by.section, on, outDir: site.at(`out-${last}`) })))
  }))
  t.strictSame([up, down], [['a is written as a file, and as the directory of a/b'], ['a is written as a file, and as the directory of a/b']])
  t.strictSame(readdirSync(site.path).filter(name => name.includes('out-')), [], 'nothing is written')
})

test('a module that goes on after an abort changes nothing of the next build', async t => {
  const site = smallSite(t, { 'a.txt': 'a', 'b.txt': 'b' })
  site.write('shard.mjs', `
import { readFileSync } from 'node:fs'
export default async function * ({ pages, cwd }) {
  const text = readFileSync(cwd + '/src/a.txt', 'utf8')
  yield { files: { 'first.html': text } }
  if (text === 'slow') await new Promise(resolve => { globalThis.goOn = resolve })
  yield { files: { 'second.html': text } }
}`)
  const gate = globalThis as { goOn?: () => void }
  const builder = site.builder({ shards: 1 })
  site.write('src/a.txt', 'slow')
  const stop = new AbortController()
  const stale = site.build(builder, {}, contextOf(stop.signal))
  await until(() => gate.goOn !== undefined, 'the module waits')
  stop.abort(new Error('stale'))
  await t.rejects(stale, /stale/)
  site.write('src/a.txt', 'new')
  const next = site.build(builder)
  gate.goOn?.()
  t.match(await next, { ok: true })
  t.strictSame(site.output(), { 'first.html': 'new', 'second.html': 'new' })
  t.strictSame(readdirSync(site.path).filter(name => name.startsWith('.out')), [])
})

test('pages made from results are a second wave; an edit that leaves their data alone leaves them alone', async t => {
  const site = smallSite(t, { 'a.txt': 'a', 'b.txt': 'b' })
  let tags: Record<string, string[]> = { 'a.txt': ['red'], 'b.txt': ['red', 'blue'] }
  const pages = () => site.pages().map(page => ({ ...page, data: { tags: tags[page.id] } }))
  const derived = {
    pages: (results: readonly { tagManifest: Readonly<Record<string, readonly { url: string }[]>> }[]) => {
      const names = new Set(results.flatMap(({ tagManifest }) => Object.keys(tagManifest)))
      return [...names].map(tag => ({ id: `tags/${tag}`, kind: 'tags', section: 'tags', data: results.flatMap(({ tagManifest }) => tagManifest[tag]?.map(({ url }) => url) ?? []).sort() }))
    }
  }
  const builder = site.builder({ pages, derived, partition: by.section })
  t.match(await site.build(builder), { ok: true, counts: { pages: 4, byKind: { content: 2, tags: 2 } } })
  t.match(site.output(), { 'tags/red.html': /\["\/a\.html","\/b\.html"\]/, 'tags/blue.html': /\["\/b\.html"\]/ })
  site.built()
  site.write('src/a.txt', 'edited')
  await site.build(builder)
  t.strictSame(site.built(), ['top'], 'no tag page')
  tags = { 'a.txt': ['red'], 'b.txt': ['red'] }
  await site.build(builder)
  t.notOk('tags/blue.html' in site.output(), 'a tag without pages is gone')
  const wrong = site.builder({ pages, derived: { pages: () => 5 as never } })
  t.match(messages(await site.build(wrong)), ['derived.pages() must give an array of pages, got 5'])
})

test('merge runs once after all shards, with results in the order of their ids, and its files are part of the site', async t => {
  const site = smallSite(t, many(30))
  const seen: string[][] = []
  const merge: Merge = (results, request) => {
    seen.push(results.map(({ shardId }) => shardId))
    writeFileSync(join(request.outDir, 'sitemap.txt'), results.flatMap(({ sitemapEntries }) => sitemapEntries.map(({ url }) => url)).sort().join('\n'))
    return { diagnostics: [{ severity: 'warning', message: 'a dead link' }], meta: { merged: true } }
  }
  const builder = site.builder({ merge, partition: by.section })
  t.match(await site.build(builder), { ok: true, meta: { merged: true, shards: 3 }, diagnostics: [{ message: 'a dead link' }], counts: { files: 31 } })
  t.strictSame(seen, [['part-0', 'part-1', 'part-2']])
  t.equal(site.output()['sitemap.txt']?.split('\n').length, 30)
  const before = site.output()
  for (const broken of [() => { throw new Error('cannot merge') }, () => ({ ok: false, diagnostics: [{ severity: 'error' as const, message: 'cannot merge' }] })]) {
    site.write('src/v1/part-0/6.txt', `edited ${Math.random()}`)
    t.match(await site.build(site.builder({ merge: broken, partition: by.section })), { ok: false, diagnostics: [{ message: 'cannot merge' }] })
    t.strictSame(site.output(), before)
  }
})

test('what a merge gives back is checked before anything is published', async t => {
  const site = smallSite(t, { 'a.txt': 'a' })
  const cases: [unknown, RegExp][] = [
    ['hello', /the merge returned an invalid result: it must be an object, got "hello"/],
    [{ diagnostics: 'x' }, /the merge returned .*`diagnostics` must be an array, got "x"/],
    [{ diagnostics: [{ severity: 'warning', message: 'w', line: '12' }] }, /`diagnostics\[0\]\.line` must be a number, got "12"/],
    [{ meta: 5 }, /`meta` must be an object, got 5/]
  ]
  for (const [value, expected] of cases) {
    const result = await site.build(site.builder({ merge: () => value as never }))
    t.match(result, { ok: false, outputKept: true })
    t.match(messages(result)[0], expected)
    t.strictSame(site.output(), {})
  }
  const good = { diagnostics: [{ severity: 'warning' as const, message: 'w', line: 12 }], meta: { mine: 1 } }
  t.match(await site.build(site.builder({ merge: () => good })), { ok: true, diagnostics: good.diagnostics, meta: { mine: 1, shards: 1 }, pages: 1 })
})

test('with() builds the same site otherwise: another partition, one version, no cache', async t => {
  const site = smallSite(t, many(20))
  const builder = site.builder({ cache: fileCache(site.at('cache')) })
  await site.build(builder)
  site.built()
  const one = builder.with({ versions: ['v2'], partition: by.version })
  site.write('src/v1/part-0/6.txt', 'edited')
  site.write('src/v2/part-0/3.txt', 'edited')
  t.match(await site.build(one), { ok: true, pages: 10 })
  t.strictSame(site.built(), ['v2'])
  const output = site.output()
  t.match(output['v2/part-0/3.html'], /edited/)
  t.match(output['v1/part-0/6.html'], /text 6/, 'other versions stay as they are')
  t.match(await site.build(builder.with({ cache: false })), { meta: { cached: 0 } })
  t.throws(() => builder.with({ colour: 1 } as never), { code: 'FST_LIVE_RELOAD_UNKNOWN_OPTION' })
})

test('a cache that cannot be written is told once, and the build goes on', async t => {
  const site = smallSite(t, { 'a.txt': 'a', 'b.txt': 'b' })
  const throws = () => { throw new Error('EROFS: read-only file system') }
  const context = contextOf()
  const builder = site.builder({ cache: { get: throws, put: throws, recall: throws, remember: throws } })
  t.match(await site.build(builder, {}, context), { ok: true })
  site.write('src/a.txt', 'edited')
  t.match(await site.build(builder, {}, context), { ok: true, meta: { cached: 1 } }, 'what is in memory is used')
  t.strictSame(context.lines, ['the cache of shards does not work, so builds go on without it: EROFS: read-only file system'])
  const rubbish = site.builder({ cache: { get: () => ({ result: 5 }), put () {}, recall: () => 'x' } })
  t.match(await site.build(rubbish), { ok: true, meta: { cached: 0 } }, 'entries that are none of ours are ignored')
})

test('an output directory that cannot be written fails the build', async t => {
  const site = smallSite(t, { 'a.txt': 'a' })
  site.write('blocked', 'a file')
  t.match(messages(await site.build(site.builder({ outDir: site.at('blocked/out') })))[0], /blocked\/out, which stays as it was: a part of the path is a file \((?:ENOTDIR|EEXIST)\)/)
  t.match(messages(await site.build(site.builder({ outDir: undefined as never })))[0], /`sharded\.outDir` must be the directory/)
  t.match(await site.build(site.builder({ outDir: undefined as never }), { outDir: site.at('given') }), { ok: true })
  t.strictSame(Object.keys(filesOf(site.at('given'))), ['a.html'], 'the directory of the request')
})

test('a build that is aborted changes nothing and leaves nothing behind', async t => {
  const site = smallSite(t, { 'a.txt': 'a' })
  const builder = site.builder()
  await site.build(builder)
  const before = filesOf(site.path)
  site.write('src/a.txt', 'hang')
  const stop = new AbortController()
  const context = contextOf(stop.signal)
  const build = site.build(builder, {}, { ...context, progress: () => {} })
  setImmediate(() => stop.abort(new Error('stale')))
  await t.rejects(build, /stale/)
  site.write('src/a.txt', 'a')
  t.match(await site.build(builder), { ok: true }, 'the next one waits for its end')
  t.strictSame(Object.keys(filesOf(site.path)), Object.keys(before))
})

test('progress is over all shards, and never beyond the whole', async t => {
  const site = smallSite(t, many(40))
  const context = contextOf()
  await site.build(site.builder({ partition: by.section }), {}, context)
  t.ok(context.seen.length > 3)
  for (const { done, total, label } of context.seen) t.ok(label === 'pages' && done <= total && total === 40)
  t.match(context.seen.at(-1), { done: 40, total: 40 })
  t.ok(context.seen.some(({ shard }) => shard?.startsWith('part-')), 'with the shard that is being built')
})

test('a small site is built by one worker, as is one with little to do', async t => {
  const site = smallSite(t, many(40))
  const asked: unknown[] = []
  const inner = local({ executor: 'inline' })
  const on: ShardRunner = { name: 'watched', workers: () => 4, run: (shards, job, context) => { asked.push(job.workers); return inner.run(shards, job, context) } }
  await site.build(site.builder({ on }))
  t.match(await site.build(site.builder({ on, minPages: 0 })), { meta: { workers: 4 } }, 'nothing is known of what it costs')
  t.match(await site.build(site.builder({ on, minPages: 0, shards: false })), { meta: { workers: 1, shards: 1 } })
  const unknown: ShardRunner = { name: 'elsewhere', run: (shards, job, context) => inner.run(shards, job, context) }
  const { meta } = await site.build(site.builder({ on: unknown, minPages: 0 }))
  t.ok(meta !== undefined && !('workers' in meta), 'a runner that does not know is not guessed for')
  t.strictSame(asked, [1, undefined, 1])
})

test('what was saved while a shard was built is not kept under the key of what was there before', async t => {
  const site = smallSite(t, { 'a.txt': 'first' })
  const cache = fileCache(site.at('cache'))
  // A save between the hash and the build: the module itself makes it.
  site.write('shard.mjs', `import { readFileSync, writeFileSync } from 'node:fs'
export default ({ cwd }) => {
  if (readFileSync(cwd + '/src/a.txt', 'utf8') === 'first') writeFileSync(cwd + '/src/a.txt', 'saved meanwhile')
  return { files: { 'a.html': readFileSync(cwd + '/src/a.txt', 'utf8') } }
}`)
  await site.build(site.builder({ cache }))
  t.strictSame(site.output(), { 'a.html': 'saved meanwhile' })
  site.write('shard.mjs', readFileSync(site.at('shard.mjs'), 'utf8'))
  site.write('src/a.txt', 'first')
  const again = await site.build(site.builder({ cache, outDir: site.at('other') }))
  t.match(again, { ok: true, meta: { cached: 0 } }, 'the key of `first` has no result')
})

test('an edit hashes one file, with a second wave too', async t => {
  const site = smallSite(t, many(20))
  const derived = { pages: () => [{ id: 'tag', data: 1 }] }
  const cache = fileCache(site.at('cache'))
  const builder = site.builder({ derived, cache })
  await until(async () => { await site.build(builder); return (await cache.recall(`hashes ${digestOf(site.at('out'))}`) as Map<string, unknown> | undefined)?.size === 21 }, 'all sources are remembered')
})

test('a file that a page depends on and that is not there is a warning with the page and the path', async t => {
  const site = smallSite(t, { 'a.txt': 'a', 'b.txt': 'b', 'c.txt': 'c' })
  site.write('shard.mjs', 'export default ({ pages }) => ({ files: Object.fromEntries(pages.map(({ id }) => [id, ""])) })')
  const build = async (more: (page: Page) => Partial<Page>) => {
    const result = await site.build(site.builder({ pages: () => site.pages().map(page => ({ ...page, ...more(page) })) }))
    t.ok(result.ok)
    t.ok(result.diagnostics.every(({ severity }) => severity === 'warning'))
    return messages(result)
  }
  t.strictSame(await build(() => ({ deps: ['src/a.txt', 'src'] })), [])
  t.strictSame(await build(({ id }) => ({ deps: id === 'b.txt' ? ['layuot.html'] : [] })), ['the page "b.txt" depends on layuot.html, which is not there or cannot be read'])
  t.strictSame(await build(() => ({ deps: ['layuot.html'] })), ['the page "a.txt" (and 2 more) depends on layuot.html, which is not there or cannot be read'])
  t.match(await build(({ id }) => ({ file: `${id}.gone` })), [/"a\.txt" depends on a\.txt\.gone,/, /"b\.txt"/, /"c\.txt"/])
  t.strictSame(await build(() => ({ deps: ['layuot.html'], hash: '1' })), [], 'nobody looks for it')
  const many = await build(({ id }) => ({ deps: [...'1234567'].map(n => `${id}-${n}`) }))
  t.equal(many.length, 6)
  t.equal(many[5], '16 more files that pages depend on are not there')
})

test('a directory that a page depends on stands for all files in it', async t => {
  const site = smallSite(t, { 'a.txt': 'a' })
  site.write('templates/deep/menu.txt', 'menu')
  site.write('shard.mjs', 'export default () => ({ files: { "a.html": "" } })')
  const builder = site.builder({ pages: () => [{ id: 'a', deps: ['templates'] }] })
  await site.build(builder)
  t.match(await site.build(builder), { meta: { built: [] } })
  site.write('templates/deep/menu.txt', 'other')
  t.match(await site.build(builder), { meta: { cached: 0 } })
})

test('a module that never ends keeps no file open after an abort', onLinux, async t => {
  const site = smallSite(t, { 'a/a.txt': 'a' })
  // What waits is kept: garbage collection would close the file, with a warning.
  site.write('shard.mjs', `import { writeFileSync } from 'node:fs'
globalThis.waiting = []
export default async function * ({ cwd }) { writeFileSync(cwd + '/runs', ''); await new Promise(resolve => globalThis.waiting.push(resolve)) }`)
  const stop = new AbortController()
  const build = site.build(site.builder(), {}, contextOf(stop.signal))
  await until(() => existsSync(site.at('runs')), 'the shard runs')
  const open = () => readdirSync('/proc/self/fd').map(fd => { try { return readlinkSync(`/proc/self/fd/${fd}`) } catch { return '' } }).filter(path => path.includes('live-reload-shards-'))
  t.equal(open().length, 1)
  stop.abort(new Error('stale'))
  await t.rejects(build, /stale/)
  t.ok(await until(() => open().length === 0, 'it is closed'))
})

test('a function of the app that never ends does not hold up the build after an abort', async t => {
  const site = smallSite(t, { 'a.txt': 'a' })
  let hangs = true
  const pages = () => hangs ? new Promise<never>(() => {}) : site.pages()
  const builder = site.builder({ pages })
  const stop = new AbortController()
  const build = site.build(builder, {}, contextOf(stop.signal))
  setImmediate(() => stop.abort(new Error('stale')))
  await t.rejects(build, /stale/)
  hangs = false
  t.match(await site.build(builder), { ok: true, pages: 1 })
})

test('a second wave of few pages has all workers when the site is large', async t => {
  const site = smallSite(t, many(40))
  const asked: unknown[] = []
  const inner = local({ executor: 'inline' })
  const on: ShardRunner = {
    name: 'slow',
    workers: () => 4,
    async * run (shards, job, context) {
      asked.push(job.workers)
      for await (const outcome of inner.run(shards, job, context)) yield { ...outcome, ms: 60_000 }
    }
  }
  await site.build(site.builder({ on, minPages: 40, derived: { pages: () => [{ id: 'tag' }] } }))
  t.strictSame(asked, [undefined, undefined])
})

test('results that a merge or a second wave gets cannot be changed by it', async t => {
  const site = smallSite(t, { 'a.txt': 'a', 'b.txt': 'b' })
  const merge: Merge = results => { (results[0]?.sitemapEntries as unknown[]).push({ url: '/doubled' }) }
  t.match(messages(await site.build(site.builder({ merge, shards: 1 }))), [/not extensible/])
})

test('deleted files are outputs, and files of a process that was killed are known to the next', async t => {
  const site = smallSite(t, { 'a.txt': 'a', 'b.txt': 'b' })
  const cache = fileCache(site.at('cache'))
  const notes: unknown[] = []
  const builder = site.builder({ cache: { ...cache, get: cache.get.bind(cache), put: cache.put.bind(cache), recall: cache.recall.bind(cache), remember: (name, note) => { if (name.startsWith('site')) notes.push(structuredClone(note)) } } })
  await site.build(builder)
  t.strictSame([...(notes[0] as Map<string, unknown>).keys()].sort(), ['a.html', 'b.html'], 'told before they are moved')
  rmSync(site.at('src/b.txt'))
  t.match(await site.build(builder), { ok: true, outputs: [site.at('out/b.html')] })
})
