// The site that tests and bench build is the same everywhere, and has what real sites have.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'tap'
import type { PartialShardResult, ShardModule } from '../../../types/shards.js'
import { mergeLinks } from '../../../lib/entries/shards/merge/links.js'
import { tagsOf } from '../../../lib/entries/shards/merge/tags.js'
import { folder } from '../../support/folder.js'
import { shard, syntheticSite } from '../../support/synthetic-site/site.js'
import { writeSite } from '../../support/synthetic-site/write.js'
import { merged, request, result, type Result } from './merge/merging.js'

async function render (dir: string, formats: readonly string[]) {
  const { pages, globals } = syntheticSite(dir, { formats })
  const all = [...await pages(request(dir))].sort((a, b) => a.id < b.id ? -1 : 1)
  const module = (await import(shard.href) as { default: ShardModule }).default
  const task = { shardId: 'x', pages: all, globals: await globals(all, request(dir)), outDir: dir, cwd: dir, profile: 'development' as const }
  const pieces: PartialShardResult[] = []
  for await (const piece of module(task, { signal: new AbortController().signal, log () {}, progress () {} }) as AsyncIterable<PartialShardResult>) pieces.push(piece)
  return { pages: all, pieces, files: Object.assign({}, ...pieces.map(({ files }) => files)) as Record<string, string> }
}

test('the same options give the same bytes', async t => {
  const [a, b, c] = [folder(t), folder(t), folder(t)]
  writeSite(a.path)
  writeSite(b.path)
  writeSite(c.path, { seed: 2 })
  const digest = async (dir: string) => createHash('sha256').update(JSON.stringify((await render(dir, ['html', 'json', 'txt'])).files)).digest('hex')
  t.equal(await digest(a.path), await digest(b.path))
  t.not(await digest(a.path), await digest(c.path))
})

test('it has versions, sections, kinds, tags, includes, heavy pages, and no dead link', async t => {
  const { path, at } = folder(t)
  const paths = writeSite(path, { pages: 500 })
  t.equal(paths.length, 500)
  t.equal(readdirSync(at('content'), { recursive: true }).filter(name => String(name).endsWith('.md')).length, 500)
  const { pages, pieces, files } = await render(path, ['html', 'json'])
  const count = (of: (page: typeof pages[number]) => unknown) => new Set(pages.map(of)).size
  t.strictSame([pages.length, count(page => page.version), count(page => page.section), count(page => page.kind)], [500, 3, 24, 2])
  t.equal(pages.filter(page => (page.deps ?? []).length > 0).length, 125, 'every fourth includes')
  t.equal(Object.keys(files).length, 1_000)
  const heavy = pages.filter(page => page.weight !== 1)
  t.equal(heavy.length, 25, 'one of twenty')
  const bytes = (list: typeof pages) => list.reduce((sum, { file }) => sum + readFileSync(String(file)).length, 0) / list.length
  t.ok(bytes(heavy) > 4 * bytes(pages.filter(page => page.weight === 1)), 'they are much longer')
  const results = pieces.map((piece, i): Result => result(String(i), { ...piece, renderedPages: Object.keys(piece.files ?? {}) }))
  t.ok(tagsOf(results).length > 40)
  t.strictSame((await merged(t, mergeLinks({ baseUrl: 'http://localhost' }), results)).warnings, [])
})

test('an included file is in the pages that depend on it, and in no other', async t => {
  const { path, write } = folder(t)
  writeSite(path, { pages: 100, sections: 2, versions: ['only'] })
  write('includes/section-1.md', 'Said once.\n')
  const { pages, files } = await render(path, ['html'])
  for (const { id, deps = [] } of pages) t.equal(String(files[id.replace('.md', '.html')]).includes('Said once.'), deps.some(dep => dep.endsWith('section-1.md')), id)
})
