import { test } from 'tap'
import { mergeTags, slugOf, tagPages, tagsOf } from '../../../../lib/entries/shards/merge/tags.js'
import { merged, request, result } from './merging.js'

const ref = (url: string, title = url.slice(1)) => ({ url, title })

test('a tag is a page, with its pages sorted by address', async t => {
  const results = [result('a', { tagManifest: { Zoo: [ref('/z'), ref('/b')], build: [ref('/c')] } }), result('b', { tagManifest: { Zoo: [ref('/a')], empty: [] } })]
  t.strictSame(await tagPages().pages(results, request('/')), [
    { id: 'tag:build', kind: 'tags', data: { tag: 'build', slug: 'build', entries: [ref('/c')] } },
    { id: 'tag:zoo', kind: 'tags', data: { tag: 'Zoo', slug: 'zoo', entries: [ref('/a'), ref('/b'), ref('/z')] } }
  ], 'one that no page has is none')
  t.strictSame(await tagPages().pages([], request('/')), [])
})

test('kind, files, slug and module may be given', async t => {
  const derived = tagPages({ kind: 'topics', outputs: slug => [`t/${slug}.html`], slug: tag => tag.toUpperCase(), shard: new URL('file:///x/tags.js') })
  t.equal(derived.shard, '/x/tags.js')
  const [only] = await derived.pages([result('a', { tagManifest: { x: [ref('/x')] } })], request('/'))
  t.match(only, { id: 'tag:X', kind: 'topics', outputs: ['t/X.html'], data: { tag: 'x', slug: 'X' } })
})

test('spellings of one slug are one page, named as most pages write it, with a warning', async t => {
  const results = [
    result('a', { tagManifest: { build: [ref('/a'), ref('/b')], Build: [ref('/c'), ref('/a')], BUILD: [ref('/d')] } }),
    result('b', { tagManifest: { build: [ref('/e')], 'node.js': [ref('/n')], 'Node JS': [ref('/m')], plain: [ref('/p')] } })
  ]
  for (const given of [results, [...results].reverse()]) {
    t.strictSame(tagsOf(given).map(({ tag, slug, entries }) => [tag, slug, entries.map(({ url }) => url).join()]), [
      ['build', 'build', '/a,/b,/c,/d,/e'], ['Node JS', 'node-js', '/m,/n'], ['plain', 'plain', '/p']
    ])
    t.strictSame((await merged(t, mergeTags(), given)).warnings, [
      'warning: the tag `build` is also written `Build` of /a and 1 more, `BUILD` of /d: they are one page',
      'warning: the tag `Node JS` is also written `node.js` of /n: they are one page'
    ])
  }
  t.strictSame((await merged(t, mergeTags({ slug: tag => tag }), results)).warnings, [])
})

test('a page with two titles has the same one in any order', t => {
  const results = [result('a', { tagManifest: { x: [ref('/a', 'Two'), ref('/a', 'Two')] } }), result('b', { tagManifest: { x: [ref('/a', 'One')] } })]
  t.strictSame(tagsOf(results), tagsOf([...results].reverse()))
  t.strictSame(tagsOf(results)[0]?.entries, [ref('/a', 'One')])
  t.end()
})

test('a tag may be called like a field of objects', t => {
  const tagManifest = JSON.parse('{ "__proto__": [{ "url": "/a", "title": "a" }], "constructor": [{ "url": "/b", "title": "b" }] }')
  t.strictSame(tagsOf([result('a', { tagManifest })]).map(({ tag }) => tag), ['constructor', '__proto__'].sort((a, b) => slugOf(a) < slugOf(b) ? -1 : 1))
  t.end()
})

test('slugs keep apart what people keep apart', t => {
  const slugs = { 'Live Reload': 'live-reload', 'C++': 'cplusplus', 'C#': 'csharp', C: 'c', '  a -- b  ': 'a-b', Größe: 'größe', 日本語: '日本語', ﬁle: 'file', '../etc': 'etc' }
  for (const [tag, slug] of Object.entries(slugs)) t.equal(slugOf(tag), slug, tag)
  t.match(slugOf('!?'), /^[\da-f]{8}$/)
  t.not(slugOf('!?'), slugOf('?!'))
  t.end()
})

test('a wrong option is named', t => {
  for (const [name, value] of Object.entries({ slug: 'x', outputs: [], kind: '', shard: 3 })) {
    t.throws(() => tagPages({ [name]: value } as never), { code: 'FST_LIVE_RELOAD_INVALID_OPTION', message: `\`tagPages.${name}\` must be` }, name)
  }
  t.throws(() => mergeTags({ slug: 3 } as never), { message: '`mergeTags.slug` must be a function' })
  t.throws(() => tagPages({ tags: [] } as never), { code: 'FST_LIVE_RELOAD_UNKNOWN_OPTION' })
  t.end()
})
