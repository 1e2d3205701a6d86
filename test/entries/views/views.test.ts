// `viewFiles()`: pages of @fastify/view name their templates and what these include, whichever engine renders them.
import { createRequire } from 'node:module'
import view from '@fastify/view'
import ejs from 'ejs'
import { Eta } from 'eta'
import Fastify, { type FastifyInstance } from 'fastify'
import { test, type Test } from 'tap'
import { viewFiles } from '../../../lib/entries/views/index.js'
import { errors } from '../../../lib/index.js'
import { startApp } from '../../support/app.js'
import { folder } from '../../support/folder.js'
import { NAVIGATION } from '../../support/http.js'
import { until } from '../../support/wait.js'

const require = createRequire(import.meta.url)
const nunjucks: object = require('nunjucks')
const pug: { compile (text: string): () => string } = require('pug')
const HEAD = '<!doctype html><title>x</title>'

interface Case {
  readonly engine: () => Record<string, object>
  readonly options?: object
  /** By name: `a` includes `deep/part`, which includes `shared`; `b` includes `shared`. */
  readonly files: Record<string, string>
  readonly extension: string
}

const CASES: Record<string, Case> = {
  ejs: { engine: () => ({ ejs }), extension: 'ejs', files: { a: `${HEAD}<%- include('deep/part') %>`, 'deep/part': "part <%- include('../shared') %>", shared: 'shared', b: `${HEAD}<%- include('shared') %>` } },
  'ejs with viewExt': { engine: () => ({ ejs }), options: { viewExt: 'html' }, extension: 'html', files: { a: `${HEAD}<%- include('deep/part') %>`, 'deep/part': "part <%- include('shared') %>", shared: 'shared', b: `${HEAD}<%- include('shared') %>` } },
  eta: { engine: () => ({ eta: new Eta() }), extension: 'eta', files: { a: `${HEAD}<%~ include('./deep/part') %>`, 'deep/part': "part <%~ include('/shared') %>", shared: 'shared', b: `${HEAD}<%~ include('./shared') %>` } },
  nunjucks: { engine: () => ({ nunjucks }), options: { options: { noCache: true } }, extension: 'njk', files: { a: `${HEAD}{% include "deep/part.njk" %}`, 'deep/part': 'part {% include "shared.njk" %}', shared: 'shared', b: '{% extends "shared.njk" %}' } },
  'nunjucks with its cache': { engine: () => ({ nunjucks }), extension: 'njk', files: { a: `${HEAD}{% include "deep/part.njk" %}`, 'deep/part': 'part {% include "shared.njk" %}', shared: 'shared', b: `${HEAD}{% include "shared.njk" %}` } },
  pug: { engine: () => ({ pug }), extension: 'pug', files: { a: 'doctype html\nhtml\n  include deep/part', 'deep/part': 'p part\ninclude ../shared', shared: 'p shared', b: 'doctype html\nhtml\n  include shared' } }
}

async function start (t: Test, { engine, options, files, extension }: Case) {
  const { at, write } = folder(t, Object.fromEntries(Object.entries({ ...files, unused: '' }).map(([name, text]) => [`views/${name}.${extension}`, text])))
  const started = await startApp(t, { watch: at('views') }, {
    before: async app => { await app.register(view, { engine: viewFiles(app, engine() as never), root: at('views'), templates: at('views'), ...options }) },
    after: app => {
      app.get('/a', (_, reply) => reply.view('a', {}))
      app.post('/a', (_, reply) => reply.view('a', {}))
      app.get('/b', async (_, reply) => await reply.viewAsync('b', {}))
    }
  })
  const nameOf = async (path: string, method = 'GET') => {
    const { status, text, headers } = await started.request(path, { headers: { ...NAVIGATION, ...method === 'POST' && { 'content-type': 'application/json' } }, method, ...method === 'POST' && { body: '{"a":1}' } })
    t.match({ status, text }, { status: 200, text: /shared/ }, path)
    return /file;desc="([^"]*)"/.exec(String(headers['server-timing']))?.[1]
  }
  const tab = await started.tab()
  let n = 0
  /** Names of the pages that reload with an edit. */
  const edit = async (name: string) => {
    write(`views/${name}.${extension}`, ' '.repeat(++n))
    const { files } = await until(() => tab.got.flatMap(message => message.type === 'reload' ? [message] : [])[n - 1], `reload ${n}`)
    return files?.filter(file => file.startsWith('made-of-'))
  }
  return { nameOf, edit }
}

for (const [name, one] of Object.entries(CASES)) {
  test(name, async t => {
    const { nameOf, edit } = await start(t, one)
    const [a, b] = [await nameOf('/a'), await nameOf('/b')]
    t.match(a, /^made-of-/)
    t.match(b, /^made-of-/)
    t.same([await nameOf('/a'), await nameOf('/b'), await nameOf('/a', 'POST')], [a, b, a], 'the same once more')
    t.same(await edit('a'), [a])
    t.same(await edit('deep/part'), [a], 'included')
    t.same(await edit('shared'), [a, b], 'included by both')
    t.equal(await edit('unused'), undefined, 'nobody has named it')
  })
}

test('an includer of the app and templates without a file', async t => {
  const { at } = folder(t, { 'views/a.ejs': "<!doctype html><%- include('given') %><%- include('text') %>", 'other/given.ejs': 'given' })
  const asked: string[] = []
  const includer = (original: string) => {
    asked.push(original)
    return original === 'text' ? { template: 'a text' } : { filename: at('other/given.ejs') }
  }
  const { request, tab } = await startApp(t, { watch: [at('views'), at('other')] }, {
    before: async app => { await app.register(view, { engine: viewFiles(app, { ejs }), root: at('views'), options: { includer } }) },
    after: app => app.get('/', (_, reply) => reply.view('a.ejs', {}))
  })
  t.match((await request('/', { headers: NAVIGATION })).text, /given.*a text/)
  t.same(asked, ['given', 'text'])
  t.ok(await tab())
  t.equal(viewFiles(Fastify(), { ejs }).ejs.compile('x <%= 1 %>')(), 'x 1')
  t.equal(viewFiles(Fastify(), { pug }).pug.compile('p x')(), '<p>x</p>')
})

test('without the plugin pages are rendered as they are', async t => {
  const { at } = folder(t, { 'views/a.ejs': 'hello' })
  const app: FastifyInstance = Fastify()
  t.teardown(() => app.close())
  const engine = { ejs }
  const { compile } = ejs
  await app.register(view, { engine: viewFiles(app, engine), root: at('views') })
  t.equal(viewFiles(app, engine).ejs.render('<%= 1 %>'), '1', 'the rest of the engine')
  app.get('/', (_, reply) => reply.view('a.ejs', {}))
  t.equal((await app.inject('/')).body, 'hello')
  t.equal(await app.view('a.ejs', {}), 'hello', 'outside of a reply')
  t.same([engine.ejs === ejs, ejs.compile === compile], [true, true], 'the engine of the app is not changed')
})

test('what is no engine that can tell', t => {
  for (const engine of [{ handlebars: {} }, {}, { ejs: undefined }, undefined]) {
    t.throws(() => viewFiles(Fastify(), engine as never), { code: new errors.FST_LIVE_RELOAD_INVALID_OPTION('', '', '').code, message: /viewFiles\(app, engine\).*\{ ejs \}, \{ eta \}, \{ nunjucks \}, \{ pug \}/ })
  }
  t.end()
})
