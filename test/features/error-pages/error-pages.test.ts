// Errors as pages: who gets one, what stands in it, and that it goes away by itself.
import { mkdirSync, symlinkSync } from 'node:fs'
import type { FastifyInstance } from 'fastify'
import { test } from 'tap'
import { readProblem } from '../../../lib/features/error-pages/problem.js'
import { SCRIPT } from '../../../lib/features/error-pages/style.js'
import { writeErrorPage } from '../../../lib/features/error-pages/view.js'
import { liveApp } from '../../support/app.js'
import { page } from '../../support/browser.js'
import { example, freePort, run } from '../../support/example.js'
import { folder } from '../../support/folder.js'
import { looks } from '../../support/looks.js'
import { until } from '../../support/wait.js'

const NAVIGATION = { accept: 'text/html', 'sec-fetch-dest': 'document' }

function routes (app: FastifyInstance): void {
  app.get('/throw', () => { throw new Error('<b>it</b> "broke"', { cause: new AggregateError([new TypeError('inner'), 'thrown text'], 'several') }) })
  app.get('/coded', () => { throw Object.assign(new Error(''), { code: 'E_OWN', statusCode: 503 }) })
  app.get('/odd', () => { throw Object.assign(new Error('odd'), { statusCode: 599 }) })
  app.get('/handled', { errorHandler: (error, _, reply) => reply.code(500).send({ own: (error as Error).message }) }, () => { throw new Error('mine') })
  app.get('/passed', { errorHandler: (error, _, reply) => reply.send(error) }, () => { throw new Error('passed on') })
  app.get('/off', { config: { liveReload: false } }, () => { throw new Error('off') })
  app.get('/said', (_, reply) => reply.code(400).send({ statusCode: 400, error: 'Bad Request', message: 'own words' }))
  app.get('/broken', (_, reply) => reply.code(500).type('application/json').serializer(text => String(text)).send('{'))
  app.get('/null', (_, reply) => reply.code(500).type('application/json').serializer(text => String(text)).send('null'))
  app.get('/text', (_, reply) => reply.code(500).send('text'))
  app.get('/stream', (_, reply) => reply.code(500).send(Buffer.from('bytes')))
}

test('who navigates gets a page, everybody else what Fastify says', async t => {
  const { app } = await liveApp(t, {}, { after: routes })
  for (const [url, status, text] of [
    ['/throw', 500, '&lt;b&gt;it&lt;/b&gt; &quot;broke&quot;'],
    ['/coded', 503, 'E_OWN'],
    ['/passed', 500, 'passed on'],
    ['/odd', 599, 'odd'],
    ['/nothing?a=<b>', 404, 'No route and no file has this address.']
  ] as const) {
    const { statusCode, headers, body } = await app.inject({ url, headers: NAVIGATION })
    t.equal(statusCode, status, url)
    t.match(headers, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store', 'content-length': String(Buffer.byteLength(body)), 'content-security-policy': /^default-src 'none'/ })
    t.match(body, text, url)
    t.match(body, /<script async src="\/__live\/client\.js/, 'the client is in it')
    t.notMatch(body, /<b>it<|\?a=<b>/, 'everything is escaped')
    const json = await app.inject({ url, headers: { accept: '*/*' } })
    t.match(json.json(), { statusCode: status }, `${url}: not a navigation`)
    t.equal((await app.inject({ url, headers: { ...NAVIGATION, host: 'evil.test' } })).headers['content-type'], 'application/json; charset=utf-8', 'not allowed')
  }
  for (const url of ['/handled', '/off', '/said', '/broken', '/null', '/text', '/stream']) {
    const { headers } = await app.inject({ url, headers: NAVIGATION })
    t.notMatch(headers['content-type'], 'text/html', `${url} is the app's own affair`)
  }
  t.equal((await app.inject({ method: 'HEAD', url: '/throw', headers: NAVIGATION })).headers['content-type'], 'text/html; charset=utf-8')
  const script = await app.inject('/__live/error-page.js')
  t.equal(script.body, SCRIPT)
})

test("the app's own not-found handler wins; errorPages: false", async t => {
  const own = await liveApp(t, {}, { after: app => app.setNotFoundHandler((_, reply) => reply.code(404).send({ own: true })) })
  t.strictSame((await own.app.inject({ url: '/nothing', headers: NAVIGATION })).json(), { own: true })
  const off = await liveApp(t, { errorPages: false }, { after: routes })
  t.match((await off.app.inject({ url: '/throw', headers: NAVIGATION })).json(), { statusCode: 500 })
  t.equal((await off.app.inject('/__live/error-page.js')).statusCode, 404)
})

test('what is read of an error', async t => {
  const code = Array.from({ length: 20 }, (_, i) => `line ${i + 1}`).join('\n')
  const { path, at } = folder(t, { 'src/a.ts': code, 'src/b.ts': code, 'secret.env': 'x', 'node_modules/p/index.js': code })
  const stack = (...places: string[]) => Object.assign(new Error(`look\n    at ${at('secret.env')}:1:1`), {
    stack: `Error: look\n    at ${at('secret.env')}:1:1\n${places.map(place => `    at ${place}`).join('\n')}`
  })
  const { frames, causes } = await readProblem(stack(
    `fn (${at('src/a.ts')}:2:7)`, `file://${at('src/b.ts')}:19:1`, `async Obj.method (${at('src/gone.ts')}:1:1)`, `${at('secret.env')}:1:1`, `x (${at('node_modules/p/index.js')}:1:1)`,
    'run (node:internal/x:1:2)', 'file://%zz/x.js:1:1', '/elsewhere/x.js:1:1', 'native'
  ), path)
  t.match(frames.map(({ place, own, name, code }) => [place, own, name, code.length]), [
    ['src/a.ts', true, 'fn', 6], ['src/b.ts', true, '', 6], ['src/gone.ts', true, 'Obj.method', 0], ['secret.env', false, '', 0], ['node_modules/p/index.js', false, 'x', 0],
    ['node:internal/x', false, 'run', 0], ['file://%zz/x.js', false, '', 0], ['/elsewhere/x.js', false, '', 0]
  ])
  t.strictSame(frames[0]?.code[1], { number: 2, text: 'line 2' })
  t.strictSame(causes, [])
  const endless = new Error('round')
  endless.cause = endless
  let depth = 0
  for (let one = await readProblem(endless, path); one.causes[0] !== undefined; one = one.causes[0]) depth++
  t.equal(depth, 5, 'a cause of itself ends')
  t.match(await readProblem('text', path), { name: 'Thrown', message: { headline: 'text', rest: '' }, frames: [] })
  t.match(await readProblem(Object.assign(new Error(''), { stack: undefined }), path), { frames: [] })
  const view = { status: 599, title: 'Error', method: 'GET', url: '/', id: 'r', base: '/__live/', editor: false, problem: { name: 'E', message: { headline: '', rest: '' }, code: undefined, frames, causes: [] } }
  t.notMatch(writeErrorPage(view), '<button', 'nothing is opened without an editor')
})

// The server prints its address, which is how `run` learns that it listens.
test('an error page becomes the page when the code is mended, and looks as it should', async t => {
  const copy = folder(t, {
    'package.json': '{ "type": "module" }',
    'server.js': `import Fastify from 'fastify'
import liveReload from 'fastify-live-reload'
import { price } from './price.js'
const app = Fastify()
await app.register(liveReload, { editor: process.execPath })
app.get('/', (_, reply) => reply.type('text/html').send('<!doctype html><html><body><h1>' + price({ name: 'Tea' }) + '</h1></body></html>'))
console.log(await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' }))
`,
    'price.js': `// What a thing costs.
export function price (thing) {
  try {
    return thing.cost.toFixed(2)
  } catch (cause) {
    throw new Error('The price of ' + thing.name + ' can not be shown', { cause })
  }
}
`
  })
  mkdirSync(copy.at('node_modules'))
  symlinkSync(example('..'), copy.at('node_modules/fastify-live-reload'), 'junction')
  symlinkSync(example('../node_modules/fastify'), copy.at('node_modules/fastify'), 'junction')
  const { url } = await run(t, ['--watch', copy.at('server.js')], { PORT: String(await freePort()) }, copy.path)
  const tab = await page(t)
  const wrong: string[] = []
  tab.on('console', message => { if (message.type() === 'error' && !message.text().includes('500')) wrong.push(message.text()) })
  await tab.goto(url)
  await tab.locator('h1', { hasText: 'The price of Tea can not be shown' }).waitFor()
  await tab.waitForFunction('__liveReload.state === "open"')
  t.match(await tab.locator('.here').first().innerText(), 'throw new Error')
  t.match(await tab.locator('.cause h2').innerText(), 'TypeError')
  await looks(t, tab, 'error-page')
  await tab.locator('button.place').first().click()
  await tab.locator('[role=status]', { hasText: 'Opening price.js in your editor' }).waitFor()
  t.strictSame(wrong, [])

  copy.write('price.js', 'export const price = () => "2.40"\n')
  await tab.locator('h1', { hasText: '2.40' }).waitFor()
  await until(() => tab.evaluate('__liveReload.state').then(state => state === 'open', () => false), 'the page is live')
  t.equal(await tab.evaluate('__liveReload.metrics.reloads'), 1, 'without a touch')
})
