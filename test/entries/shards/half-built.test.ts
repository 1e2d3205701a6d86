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
