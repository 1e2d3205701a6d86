// `Fastify()` without a logger: what fails reaches stderr all the same. A logger that is there has everything, and stderr nothing.
import { test, type Test } from 'tap'
import { startApp } from '../support/app.js'
import { folder } from '../support/folder.js'
import { until } from '../support/wait.js'

function listen (t: Test): string[] {
  const said: string[] = []
  const { error } = console
  console.error = (text: unknown) => { said.push(String(text)) }
  t.teardown(() => { console.error = error })
  return said
}

const start = (t: Test, logger: object | false) => {
  const { path, write } = folder(t, { 'src/a': '1' })
  const builder = () => { throw new Error('of the build') }
  return startApp(t, { build: { name: 'docs', source: `${path}/src`, builder } }, {
    server: { logger } as object,
    after: app => {
      app.get('/fails', async () => { throw new Error('of the page') })
      app.get('/caused', async () => {
        const error = new Error('of the page', { cause: new Error('of the database') })
        Object.assign(error.cause as Error, { cause: error })
        throw error
      })
      app.get('/odd', async () => { throw Object.assign(new Error('\u001b[31mred'), { stack: undefined }) })
      app.get('/refuses', async () => { throw Object.assign(new Error('of the client'), { statusCode: 400 }) })
      app.liveReload.on('connect', () => { throw 'a text' }) // eslint-disable-line no-throw-literal
    }
  }).then(app => ({ ...app, write }))
}

test('without a logger failures reach stderr', async t => {
  const said = listen(t)
  const { request, tab } = await start(t, false)
  await until(() => said.some(line => line.includes('of the build')), 'the build')
  for (const path of ['/fails?secret=1', '/caused', '/odd', '/refuses', '/none']) await request(path)
  await tab()
  await until(() => said.some(line => line.includes('a text')), 'the listener')
  t.match(said.find(line => line.includes('/fails')), /^live reload: GET \/fails failed\nError: of the page\n {4}at /)
  t.match(said.find(line => line.includes('/caused')), /^live reload: GET \/caused failed\nError: of the page\n {4}at [^]+\ncaused by: Error: of the database\n {4}at /)
  t.match(said.find(line => line.includes('/odd')), /^live reload: GET \/odd failed\nred$/)
  t.equal(said.some(line => /secret|of the client|none/.test(line)), false, 'nothing else')
})

test('without a logger a warning says once whose it is', async t => {
  const said = listen(t)
  const { path } = folder(t, { 'page.html': '1' })
  await startApp(t, { watch: path, ignore: [() => { throw new Error('of the rule') }] }, { server: { logger: false } as object })
  await until(() => said.some(line => line.includes('of the rule')), 'the warning')
  t.match(said.find(line => line.includes('of the rule')), /^live reload: a function in `ignore` failed/)
})

const plain = { server: { logger: false } as object }

test('without a logger the start says what looks like a mistake, and nothing else', async t => {
  const said = listen(t)
  const { path } = folder(t, { 'views/a.ejs': '' })
  await startApp(t, { root: `${path}/none`, watch: `${path}/views` }, plain)
  await until(() => said.length > 0, 'a warning')
  t.strictSame(said, [`live reload: \`root\` names ${path}/none, which does not exist. It will be watched as soon as it does`])
  said.length = 0
  await startApp(t, {}, plain)
  await until(() => said.length > 0, 'a warning')
  t.strictSame(said, ['live reload: nothing is watched. Name what the app serves and reads in `root`, `watch` or `build`'])
})

test('without a logger somebody at a terminal is told that NODE_ENV turns it off', async t => {
  const said = listen(t)
  const { env: { NODE_ENV }, stdout: { isTTY } } = process
  t.teardown(() => {
    process.env.NODE_ENV = NODE_ENV
    process.stdout.isTTY = isTTY
  })
  process.env.NODE_ENV = 'production'
  for (const terminal of [false, true]) {
    process.stdout.isTTY = terminal
    await startApp(t, {}, plain)
  }
  t.strictSame(said, ['live reload: off, because NODE_ENV is production; `enabled: true` turns it on'])
})

for (const level of ['info', 'silent']) {
  test(`with a logger at ${level} nothing does`, async t => {
    const said = listen(t)
    const { app, request } = await start(t, { level, stream: { write () {} } })
    await app.liveReload.build()
    await startApp(t, {}, { server: { logger: { level, stream: { write () {} } } } })
    await request('/fails')
    t.strictSame(said, [])
  })
}
