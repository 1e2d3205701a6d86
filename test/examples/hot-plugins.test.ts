// The chat bot, as a person runs it: edited, broken, mended, added to and taken from while it serves.
import { once } from 'node:events'
import { readFileSync, rmSync } from 'node:fs'
import { test } from 'tap'
import { WebSocket } from 'ws'
import { copyExample, freePort, run } from '../support/example.js'
import { until } from '../support/wait.js'

test('hot-plugins: one process through everything', async t => {
  const copy = copyExample(t, 'hot-plugins', ['fastify', '@fastify'])
  const port = await freePort()
  const { output } = await run(t, [copy.at('server.js')], { PORT: String(port) }, copy.path)
  const url = `http://localhost:${port}`
  const text = async (path: string) => { const answer = await fetch(url + path); return `${answer.status} ${await answer.text()}` }
  const say = async (words: string) => {
    const socket = new WebSocket(`ws://localhost:${port}/chat`)
    await once(socket, 'open')
    socket.send(words)
    const [data] = await once(socket, 'message') as [Buffer]
    socket.close()
    return String(data)
  }
  const edit = (name: string, from: string, to: string) => copy.write(`plugins/${name}`, readFileSync(copy.at(`plugins/${name}`), 'utf8').replace(from, to))
  const logged = (line: RegExp) => until(() => line.test(output()), `${String(line)} in the log`)

  t.equal(await say('hello'), 'you said hello!')
  t.equal(await text('/bot'), '200 {"heard":1,"words":1,"version":1}')
  t.equal(await text('/last'), '200 ["hello"]')
  edit('_words.js', '}!', '}?')
  await logged(/reloaded chat v2/)
  t.equal(await say('hello'), 'you said hello?')
  t.equal(await text('/bot'), '200 {"heard":2,"words":1,"version":2}', 'what it knows stays')
  edit('page.js', 'export default async', 'export default asinc')
  await logged(/page failed: .*v1 goes on serving/)
  t.match(await text('/'), /^200 <!doctype html>/)
  edit('page.js', 'export default asinc', 'export default async')
  await logged(/reloaded page v/)
  t.equal(await text('/last'), '200 ["hello","hello"]')
  copy.write('plugins/extra.js', "export default async fastify => { fastify.get('/extra', async () => 'extra') }\n")
  await logged(/loaded extra v1/)
  t.equal(await text('/extra'), '200 extra')
  rmSync(copy.at('plugins/extra.js'))
  await logged(/removed extra/)
  t.match(await text('/extra'), /^404 /)
  t.equal(output().match(/Server listening at http:\/\/127/g)?.length, 1, 'it was started once')
})
