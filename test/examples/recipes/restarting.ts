// Programs that start the server again when its code changes.
import { GENERATED } from './generated.js'
import { lines, type Recipe, restyle, sendPage, server, STYLE } from './recipe.js'

const BODY = '<h1>First code</h1><p></p><script src="/page.js"></script>'
const PUBLIC = {
  'public/page.js': "document.querySelector('p').textContent = 'First script'\n",
  'public/style.css': STYLE
}
const EDITS_OF_PUBLIC = [{ file: 'public/page.js', from: 'First script', to: 'Other script', how: 'reload' }, restyle()] as const

export const RESTARTING: readonly Recipe[] = [
  {
    name: 'fastify-cli',
    files: {
      'app.js': lines(
        "'use strict'",
        '',
        'module.exports = async function (fastify, opts) {',
        "  fastify.register(require('fastify-live-reload'), { root: 'public' })",
        `  fastify.get('/', (request, reply) => ${sendPage(BODY)})`,
        '}'
      ),
      ...PUBLIC
    },
    start: 'fastify start -w --ignore-watch=public -l info app.js',
    edits: [{ file: 'app.js', from: 'First code', to: 'Other code', how: 'restart' }, ...EDITS_OF_PUBLIC]
  },
  GENERATED,
  {
    name: '@fastify/autoload',
    files: {
      'package.json': '{ "type": "module" }',
      'app.js': lines(
        "import { join } from 'node:path'",
        "import autoload from '@fastify/autoload'",
        "import liveReload from 'fastify-live-reload'",
        '',
        'export default async function (fastify, opts) {',
        "  fastify.register(liveReload, { root: 'public' })",
        "  fastify.register(autoload, { dir: join(import.meta.dirname, 'plugins') })",
        "  fastify.register(autoload, { dir: join(import.meta.dirname, 'routes') })",
        '}'
      ),
      'plugins/word.js': lines("import fp from 'fastify-plugin'", '', "export default fp(async app => app.decorate('word', 'First plugin'))"),
      'routes/root.js': lines('export default async function (app) {', `  app.get('/', (request, reply) => ${sendPage(`${BODY}\${app.word} \${app.printRoutes()}`)})`, '}'),
      ...PUBLIC
    },
    start: 'fastify start -w --ignore-watch=public -l info app.js',
    edits: [
      { file: 'routes/root.js', from: 'First code', to: 'Other code', how: 'restart' },
      { file: 'plugins/word.js', from: 'First plugin', to: 'Other plugin', how: 'restart' },
      { file: 'routes/new.js', to: "export default async app => app.get('/other', async () => 'x')", shows: 'document.body.innerText.includes("other")', how: 'restart' },
      ...EDITS_OF_PUBLIC
    ]
  },
  {
    name: 'tsx watch',
    files: {
      'package.json': '{ "type": "module" }',
      'server.ts': server(["import { type Page, send } from './page.ts'"], [
        "await app.register(liveReload, { root: 'public' })",
        "const first: Page = { title: 'First server' }",
        "app.get('/', (request, reply) => send(reply, first))"
      ]).replace('port: process', 'port: +process'),
      'page.ts': lines("import type { FastifyReply } from 'fastify'", '', 'export interface Page { readonly title: string }', `export const send = (reply: FastifyReply, page: Page) => ${sendPage(`${BODY}\${page.title}`)}`),
      ...PUBLIC
    },
    start: 'tsx watch server.ts',
    edits: [
      { file: 'page.ts', from: 'First code', to: 'Other code', how: 'restart' },
      { file: 'server.ts', from: 'First server', to: 'Other server', how: 'restart' },
      ...EDITS_OF_PUBLIC
    ]
  },
  {
    name: 'nodemon',
    files: {
      'package.json': '{ "type": "module" }',
      'server.js': server([], ["await app.register(liveReload, { root: 'public' })", `app.get('/', (request, reply) => ${sendPage(BODY)})`]),
      ...PUBLIC
    },
    start: 'nodemon --ignore public/ server.js',
    edits: [{ file: 'server.js', from: 'First code', to: 'Other code', how: 'restart' }, ...EDITS_OF_PUBLIC]
  }
]
