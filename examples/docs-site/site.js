// What the site consists of, and how it is cut into shards.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { by, fileCache, mergeSite, searchPages, sharded, tagPages, tagsOf } from 'fastify-live-reload/shards'
import { listPages } from './pages.js'
import { navigation, navigationOf } from './navigation.js'

const at = path => fileURLToPath(new URL(path, import.meta.url))

/** `root` has `docs/`, `types/`, and the README. The site goes to `out`. */
export function docsSite ({ root, out, cache, baseUrl = 'http://localhost:3000' }) {
  const builder = sharded({
    name: 'docs',
    pages: () => listPages(root),
    shard: at('shard.js'),
    outDir: out,
    // A version that is not edited stays in the cache whole.
    partition: by.each(by.version, by.hash),
    cache: fileCache(cache),
    globals: navigation,
    globalsFor: navigationOf,
    derived: [
      tagPages({ outputs: slug => [`tags/${slug}.html`] }),
      { pages: results => [{ id: 'tags', kind: 'tags', data: { all: tagsOf(results).map(({ tag, slug, entries }) => ({ tag, slug, count: entries.length })) }, outputs: ['tags/index.html'] }] },
      searchPages()
    ],
    merge: async (...args) => {
      await writeTextIndex(...args)
      return site(...args)
    }
  })
  const site = mergeSite({ baseUrl, title: 'fastify-live-reload', feeds: { description: 'Pages of the documentation that have changed', language: 'en' } })
  return {
    builder,
    sources: [
      ...['docs', 'types', 'README.md', 'CONTRIBUTING.md', 'CHANGELOG.md'].map(name => join(root, name)),
      ...['assets', '../static-site/assets', 'shard.js', 'template.js', 'api.js', 'tags.js'].map(at)
    ]
  }
}

/** `llms.txt`: where the plain text of each page is. */
async function writeTextIndex (results, { outDir }) {
  const lines = results.flatMap(({ searchEntries }) => searchEntries).map(({ url, title }) => `- [${title}](${url.replace(/\/$/, '/index').replace(/\.html$/, '')}.txt)\n`).sort()
  await mkdir(outDir, { recursive: true })
  await writeFile(join(outDir, 'llms.txt'), `# fastify-live-reload\n\n${lines.join('')}`)
}
