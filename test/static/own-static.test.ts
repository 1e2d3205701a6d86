// An app that serves its files by its own @fastify/static at `/`, the commonest of all: `watch` names them.
import fastifyStatic from '@fastify/static'
import { test } from 'tap'
import { startApp } from '../support/app.js'
import { folder } from '../support/folder.js'
import { until } from '../support/wait.js'

test('`watch` names what the own @fastify/static serves: its style sheets are updated in place, its pages and templates reload', async t => {
  const f = folder(t, { 'public/index.html': '<!doctype html><html><head></head><body>one</body></html>', 'public/css/style.css': 'a{}', 'views/page.ejs': 'one' })
  const { request, tab } = await startApp(t, { watch: [f.at('public'), f.at('views')] }, {
    before: app => app.register(fastifyStatic, { root: f.at('public') })
  })
  t.match(await request('/'), { status: 200, text: /<head><script[^>]* src="\/__live\/client\.js/ }, 'its pages get the script')
  const { got, reloads } = await tab()
  f.write('public/css/style.css', 'b{}')
  await until(() => got.some(message => message.type === 'update'), 'an update')
  t.match(got.at(-1), { type: 'update', updates: [{ kind: 'css', path: 'css/style.css' }] })
  t.equal(reloads(), 0)
  for (const [count, name] of ['public/index.html', 'views/page.ejs'].entries()) {
    f.write(name, 'two')
    await until(() => reloads() === count + 1, `a reload for ${name}`)
  }
})
