// Hot plugins in Chromium: an edited page is shown without a restart, a broken one leaves the old page under an overlay, a mended one takes it away.
import { test } from 'tap'
import { plugin, startHot } from '../features/hot-plugins/support.js'
import { page } from '../support/browser.js'
import { visit } from '../support/overlay.js'

const pageOf = (text: string): string => `export default async fastify => {
  fastify.get('/', (request, reply) => reply.type('text/html').send('<!doctype html><html><head><link rel="icon" href="data:,"></head><body><h1>${text}</h1><p>' + process.pid + '</p></body></html>'))
}
`

test('edit, break and mend the route of a page', async t => {
  const { url, files } = await startHot(t, { 'plugins/page.js': pageOf('one'), 'plugins/other.js': plugin('/other', 'other') })
  const tab = await page(t)
  const overlay = await visit(tab, url)
  const pid = await tab.locator('p').textContent()
  files.write('plugins/page.js', pageOf('two'))
  await tab.getByRole('heading', { name: 'two' }).waitFor()
  t.equal(await tab.locator('p').textContent(), pid, 'the process is the same')

  files.write('plugins/page.js', `${pageOf('three')}oops(\n`)
  await overlay.opened()
  t.match(await overlay.text('dialog'), /page\.js:5:1/)
  const young = await page(t)
  const second = await visit(young, url)
  t.equal(await young.getByRole('heading').textContent(), 'two', 'a new tab gets the page that still works')
  await second.opened()

  files.write('plugins/page.js', pageOf('four'))
  for (const [each, dialog] of [[tab, overlay], [young, second]] as const) {
    await each.getByRole('heading', { name: 'four' }).waitFor()
    await dialog.closed()
    t.equal(await each.locator('p').textContent(), pid)
  }
})
