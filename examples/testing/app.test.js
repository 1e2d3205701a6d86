// What the app tells its tabs. With another runner, `test` comes from there: `import { test } from 'vitest'`.
import assert from 'node:assert/strict'
import { rm, writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import { applied, change, connect, manualClock } from 'fastify-live-reload/testing'
import { build } from './app.js'

const here = path => new URL(path, import.meta.url)

test('the home page', async () => {
  const app = await build()
  const reply = await app.inject({ url: '/', headers: { accept: 'text/html' } })
  assert.match(reply.body, /Welcome/)
})

test('a template reloads the page', async () => {
  const app = await build()
  const [message] = await change(app, here('views/index.html'))
  assert.equal(message.type, 'reload')
})

test('a style sheet is exchanged in place', async () => {
  const app = await build()
  const [message] = await change(app, here('public/app.css'))
  assert.deepEqual(message.updates, [{ kind: 'css', path: '/app.css' }])
})

test('nobody hears of notes', async () => {
  const app = await build()
  assert.deepEqual(await change(app, here('views/notes.md')), [])
})

test('a new page is found on disk', async () => {
  const app = await build()
  const message = await applied(app, () => writeFile(here('public/news.html'), '<h1>New</h1>'))
  assert.equal(message.type, 'reload')
  await rm(here('public/news.html'))
})

test('a tab hears of it', async () => {
  const app = await build()
  const tab = await connect(app)
  await change(app, here('views/index.html'))
  const { paths } = await tab.next('reload')
  assert.match(paths[0], /index\.html$/)
  tab.close()
})

test('many new posts are one message, a second after the last', async () => {
  const clock = manualClock()
  const app = await build({ clock })
  const sent = []
  app.liveReload.on('send', ({ message }) => sent.push(message.event))
  await change(app, here('data/first.json'), { type: 'create' })
  clock.advance(900)
  await change(app, here('data/second.json'), { type: 'create' })
  clock.advance(900)
  assert.deepEqual(sent, [])
  clock.advance(100)
  assert.deepEqual(sent, ['posts'])
})
