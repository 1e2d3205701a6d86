import MiniSearch from 'minisearch'
import { test } from 'tap'
import { mergeSearch, searchPages, type SearchPagesOptions } from '../../../../lib/entries/shards/merge/search.js'
import indexFragments, { SEARCH_INDEX } from '../../../../lib/entries/shards/merge/search-shard.js'
import type { Page, SearchEntry } from '../../../../types/shards.js'
import { folder } from '../../../support/folder.js'
import { merged, request, result } from './merging.js'

const entry = (i: number): SearchEntry => ({ url: `/page-${i}`, title: `Page ${i}`, text: `All about number${i} and more` })
const entries = (count: number) => Array.from({ length: count }, (_, i) => entry(i))
const pagesOf = async (found: readonly SearchEntry[], options?: SearchPagesOptions) => searchPages(options).pages([result('a', { searchEntries: found })], request('/'))

async function build (pages: readonly Page[]): Promise<Record<string, string>> {
  const files: Record<string, string> = {}
  for await (const piece of indexFragments({ shardId: 'x', pages, globals: undefined, outDir: '/', cwd: '/', profile: 'development' }, {})) Object.assign(files, piece.files)
  return files
}

const search = (files: Record<string, string>, words: string) => Object.values(files).flatMap(text => MiniSearch.loadJSON(text, SEARCH_INDEX).search(words).map(({ id, title, excerpt }) => ({ id, title, excerpt })))

test('what the fragments of all shards have is found, with title and the beginning of the text', async t => {
  const files = await build(await pagesOf(entries(1_200)))
  t.strictSame(Object.keys(files).sort(), Array.from({ length: 16 }, (_, i) => `search/${i}.json`).sort())
  t.strictSame(search(files, 'number777'), [{ id: '/page-777', title: 'Page 777', excerpt: 'All about number777 and more' }])
  t.equal(search(files, 'about').length, 1_200)
})

test('the number of fragments follows the number of pages, in steps', async t => {
  for (const [pages, fragments] of [[0, 0], [1, 1], [150, 1], [151, 4], [500, 4], [501, 16], [2_000, 16], [2_001, 64], [8_001, 256]] as const) {
    t.equal((await pagesOf(entries(pages))).length, fragments, `${pages} pages`)
  }
})

test('an edit, a new page and a removed one change one fragment', async t => {
  const before = await pagesOf(entries(1_000))
  const differs = async (found: readonly SearchEntry[]) => (await pagesOf(found)).filter((page, i) => JSON.stringify(page) !== JSON.stringify(before.find(({ id }) => id === page.id) ?? before[i])).length
  t.equal(await differs(entries(1_000).map((one, i) => i === 500 ? { ...one, text: 'Another' } : one)), 1)
  t.equal(await differs([...entries(1_000), entry(1_000)]), 1)
  t.equal(await differs(entries(999)), 1)
  t.equal(await differs(entries(1_000)), 0)
})

test('an address that is given twice is found once, the same in any order', async t => {
  const [a, b] = [{ url: '/a', title: 'A' }, { url: '/a', title: 'B', text: 'x' }]
  t.strictSame(await pagesOf([a, b]), await pagesOf([b, a]))
  t.strictSame((await pagesOf([a, b])).map(({ data }) => data), [{ entries: [b], excerpt: 160 }].map(({ excerpt }) => ({ entries: [[a, b].sort((x, y) => JSON.stringify(x) < JSON.stringify(y) ? -1 : 1)[0]], excerpt })))
})

test('an excerpt ends with a word, and may be left out', async t => {
  const excerpt = async (text: string, options: SearchPagesOptions) => search(await build(await pagesOf([{ url: '/a', title: 'words', text }], options)), 'words')[0]?.excerpt
  t.equal(await excerpt('  one\n two three ', { excerpt: 13 }), 'one two three')
  t.equal(await excerpt('one two three four', { excerpt: 12 }), 'one two…')
  t.equal(await excerpt('x'.repeat(30), { excerpt: 12 }), `${'x'.repeat(12)}…`)
  t.equal(await excerpt(`${'x'.repeat(11)}\u{1f600}\u{1f600}`, { excerpt: 12 }), `${'x'.repeat(11)}…`, 'no half character')
  t.equal(await excerpt('one two', { excerpt: 0 }), undefined)
})

test('the list names the fragments, and there is none without them', async t => {
  const given = [result('a', { renderedPages: ['search/10.json', 'search/2.json', 'a.html', 'search/x.json', 'other/search/1.json'] }), result('b', { renderedPages: ['search/0.json', 'find/7.json'] })]
  const { files } = await merged(t, mergeSearch(), given)
  t.strictSame(Object.fromEntries(Object.entries(files).map(([path, text]) => [path, JSON.parse(text)])), { 'search/index.json': { options: SEARCH_INDEX, fragments: ['0.json', '2.json', '10.json'] } })
  t.strictSame(Object.keys((await merged(t, mergeSearch({ dir: 'find' }), given)).files), ['find/index.json'])
  t.strictSame((await merged(t, mergeSearch(), [])).files, {})
  const [first] = await pagesOf(entries(1), { dir: 'a/find/' })
  t.strictSame(first?.outputs, ['a/find/0.json'])
})

test('without minisearch, or with another version, it says what to install', async t => {
  const task = { shardId: 'x', pages: [], globals: undefined, outDir: '/', cwd: '/', profile: 'development' as const }
  const missing = Object.assign(new Error("Cannot find package 'minisearch' imported from /x.js"), { code: 'ERR_MODULE_NOT_FOUND' })
  const fail = (reason: string, load?: () => Promise<never>, from?: string) => t.rejects(indexFragments(task, {}, load, from).next(),
    { code: 'FST_LIVE_RELOAD_NO_PACKAGE', message: `live reload: searchPages() needs the package minisearch ^7.0.0 (${reason}): npm install --save-dev minisearch@^7.0.0` })
  await fail('ERR_MODULE_NOT_FOUND', () => Promise.reject(missing))
  await fail('broken', () => Promise.reject(new Error('broken')))
  for (const version of ['6.3.0', '8.0.0']) await fail(`found ${version}`, undefined, folder(t, { 'node_modules/minisearch/package.json': JSON.stringify({ version }) }).at('x.js'))
})

test('a wrong option is named', t => {
  for (const [name, value] of Object.entries({ dir: '/abs', excerpt: -1 })) {
    t.throws(() => searchPages({ [name]: value } as never), { code: 'FST_LIVE_RELOAD_INVALID_OPTION', message: `\`searchPages.${name}\` must be` }, name)
  }
  t.throws(() => mergeSearch({ dir: '../x' }), { message: '`mergeSearch.dir` must be' })
  t.throws(() => mergeSearch({ excerpt: 3 } as never), { code: 'FST_LIVE_RELOAD_UNKNOWN_OPTION' })
  t.end()
})
