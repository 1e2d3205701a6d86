// Tags, search and merge in whole builds of a site on disk: what an edit changes, and what it leaves alone.
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import MiniSearch from 'minisearch'
import { after, test } from 'tap'
import type * as Shards from '../../../../lib/entries/shards/index.js'
import { folder, type Folder } from '../../../support/folder.js'
import { plainLibrary } from '../../../support/plain.js'
import { syntheticSite } from '../../../support/synthetic-site/site.js'
import { writeSite } from '../../../support/synthetic-site/write.js'
import { context } from './merging.js'

const { path: library } = plainLibrary(after)
const { by, local, mergeSite, processExecutor, searchPages, sharded, tagPages } = await import(pathToFileURL(join(library, 'lib/entries/shards/index.js')).href) as typeof Shards
const executor = processExecutor({ size: 1 })
after(() => executor.close())

type Options = Parameters<typeof sharded>[0]

function siteIn (at: Folder, more: Partial<Options> = {}) {
  const { shard, pages, globals } = syntheticSite(at.path, { formats: ['html', 'json'] })
  const builder = sharded({
    pages,
    shard,
    globals,
    outDir: at.at('out'),
    derived: [tagPages({ outputs: slug => [`tags/${slug}.html`] }), searchPages()],
    merge: mergeSite({ baseUrl: 'https://example.com', title: 'Synthetic' }),
    on: local({ executor }),
    ...more
  })
  let count = 0
  return async (changed: readonly string[] = []) => {
    const result = await builder.build({ id: String(++count), reason: 'change', cwd: at.path, changed, incremental: false }, context())
    return { ...result, written: (result.outputs ?? []).map(path => path.slice(at.at('out').length + 1)).sort() }
  }
}

const read = (dir: string) => Object.fromEntries(readdirSync(dir, { recursive: true, encoding: 'utf8' }).sort().filter(path => statSync(join(dir, path)).isFile()).map(path => [path, readFileSync(join(dir, path), 'utf8')]))

test('the site is the same in one shard, and by version and hash', async t => {
  const sites = [{ shards: false as const }, { partition: by.each(by.version, by.hash), shards: 5 }]
  const outputs = []
  for (const more of sites) {
    const at = folder(t)
    const paths = writeSite(at.path, { pages: 40, sections: 2, versions: ['v1', 'v2'] })
    t.equal(paths.length, 40)
    t.match(await siteIn(at, more)(), { ok: true, diagnostics: [] })
    outputs.push(read(at.at('out')))
  }
  t.strictSame(outputs[1], outputs[0])
  const files = Object.keys(outputs[0] ?? {})
  for (const name of ['sitemap.xml', 'feed.xml', 'atom.xml', 'search/index.json', 'search/0.json', 'tags/caching.html']) t.ok(files.includes(name), name)
  t.equal(files.filter(path => path.endsWith('.json') && path.startsWith('v')).length, 40)
})

test('an edit of a text rewrites its page and its fragment, and no tag', async t => {
  const at = folder(t)
  const [path = ''] = writeSite(at.path, { pages: 40, sections: 2, versions: ['v1'] })
  const build = siteIn(at)
  t.match(await build(), { ok: true, counts: { byKind: { api: 14, content: 26, search: 1 } } })
  writeFileSync(at.at(path), `${readFileSync(at.at(path), 'utf8')}\nBrandnewword.\n`)
  const { written, meta } = await build([at.at(path)])
  const page = path.replace(/^content\/(.*)\.md$/, '$1')
  t.strictSame(written, ['search/0.json', `${page}.html`, `${page}.json`])
  t.match(meta?.built, [/^\d\d$/, /^derived-2\//], 'one shard of pages, one of search')
  const { fragments, options } = JSON.parse(readFileSync(at.at('out/search/index.json'), 'utf8')) as { fragments: string[], options: ConstructorParameters<typeof MiniSearch>[0] }
  const found = fragments.flatMap(name => MiniSearch.loadJSON(readFileSync(at.at(`out/search/${name}`), 'utf8'), options).search('brandnewword'))
  t.strictSame(found.map(({ id }) => id), [`/${page}.html`])
})

test('a tag that lost its last page is gone, and links to a removed page are found in shards from the cache', async t => {
  const at = folder(t)
  writeSite(at.path, { pages: 20, sections: 1, versions: ['v1'] })
  at.write('content/v1/section-0/content-21.md', '---\ntitle: Extra\ndate: 2026-01-01\ntags: Only Here, basics\n---\n\nText.\n')
  at.write('content/v1/section-0/content-22.md', '---\ntitle: Linking\ndate: 2026-01-02\ntags: Basics\n---\n\n[Extra](content-21.md)\n')
  const build = siteIn(at)
  const first = await build()
  t.match(first.diagnostics, [{ severity: 'warning', message: 'the tag `Basics` is also written `basics` of /v1/section-0/content-21.html: they are one page' }])
  t.ok(readFileSync(at.at('out/tags/only-here.html'), 'utf8').includes('Extra'))
  rmSync(at.at('content/v1/section-0/content-21.md'))
  const { diagnostics } = await build()
  t.notOk(readdirSync(at.at('out/tags')).includes('only-here.html'))
  t.match(diagnostics, [{ severity: 'warning', message: 'there is no /v1/section-0/content-21.html to link to, as /v1/section-0/content-22.html does' }])
})
