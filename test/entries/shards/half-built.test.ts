// What must be found before the first file of a site is moved, so that nothing is published by halves.
import { test } from 'tap'
import { messages, smallSite } from './small-site.js'

test('a path with a part that no file system takes fails the build, and the site stays as it was', async t => {
  const site = smallSite(t)
  site.write('shard.mjs', 'export default ({ pages }) => ({ files: Object.fromEntries(pages.map(({ id, data }) => [id + ".html", data])) })')
  const build = (data: string, ...ids: string[]) => site.build(site.builder({ pages: () => ids.map(id => ({ id, data })) }))
  await build('old', 'a', 'z')
  const result = await build('new', 'a', `m${'漢'.repeat(90)}`, 'z')
  t.match(result, { ok: false, outputKept: true })
  t.match(messages(result)[0], /is no path within the output directory, each part at most 255 bytes long/)
  t.strictSame(site.output(), { 'a.html': 'old', 'z.html': 'old' })
})

test('a version that no page has fails the build and is named; a site without versions is built whole', async t => {
  const site = smallSite(t, { 'v1/part/a.txt': '', 'v2/part/b.txt': '' })
  const build = (versions: string[], options = {}) => site.build(site.builder(options).with({ versions }))
  for (const versions of [['v9'], ['v1', 'v9']]) {
    const result = await build(versions)
    t.match(result, { ok: false, outputKept: true })
    t.strictSame(messages(result), ['no page has the version "v9"; there are "v1", "v2"'])
  }
  t.match(await build(['v2']), { ok: true, pages: 1 })
  t.match(await build(['v9'], { pages: () => [{ id: 'a' }] }), { ok: true, pages: 1 })
})
