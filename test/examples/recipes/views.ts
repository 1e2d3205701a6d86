// Engines of @fastify/view: pages that the server renders, and that name their templates where the engine can tell.
import { html, type Recipe, restyle, server, STYLE } from './recipe.js'

interface Engine {
  readonly name: string
  readonly imports: readonly string[]
  /** What @fastify/view gets. */
  readonly options: string
  readonly extension: string
  readonly page: string
  readonly part: string
}

const NAMES_TEMPLATES = "import { viewFiles } from 'fastify-live-reload/views'"

const ENGINES: readonly Engine[] = [
  {
    name: 'EJS',
    imports: ["import ejs from 'ejs'", NAMES_TEMPLATES],
    options: "{ engine: viewFiles(app, { ejs }), root: 'views' }",
    extension: 'ejs',
    page: html("<h1><%= title %></h1>First view <%- include('part') %>"),
    part: 'First part'
  },
  {
    name: 'Eta',
    imports: ["import { Eta } from 'eta'", NAMES_TEMPLATES],
    options: "{ engine: viewFiles(app, { eta: new Eta() }), templates: 'views' }",
    extension: 'eta',
    page: html("<h1><%= it.title %></h1>First view <%~ include('./part') %>"),
    part: 'First part'
  },
  {
    name: 'Nunjucks',
    imports: ["import nunjucks from 'nunjucks'", NAMES_TEMPLATES],
    options: "{ engine: viewFiles(app, { nunjucks }), templates: 'views', options: { noCache: true } }",
    extension: 'njk',
    page: html('<h1>{{ title }}</h1>First view {% include "part.njk" %}'),
    part: 'First part'
  },
  {
    name: 'Pug',
    imports: ["import pug from 'pug'", NAMES_TEMPLATES],
    options: "{ engine: viewFiles(app, { pug }), root: 'views' }",
    extension: 'pug',
    page: ['doctype html', 'html', '  head', '    link(rel="icon" href="data:,")', '    link(rel="stylesheet" href="/style.css")', '  body', '    h1= title', '    | First view', '    include part', ''].join('\n'),
    part: 'p First part\n'
  },
  {
    name: 'Handlebars',
    imports: ["import handlebars from 'handlebars'"],
    options: "{ engine: { handlebars }, root: 'views', options: { partials: { part: 'part.hbs' } } }",
    extension: 'hbs',
    page: html('<h1>{{ title }}</h1>First view {{> part }}'),
    part: 'First part'
  }
]

export const VIEWS = ENGINES.map(({ name, imports, options, extension, page, part }): Recipe => ({
  name: `@fastify/view with ${name}`,
  files: {
    'package.json': '{ "type": "module" }',
    'server.js': server(["import view from '@fastify/view'", ...imports], [
      "await app.register(liveReload, { root: 'public', watch: 'views' })",
      `await app.register(view, ${options})`,
      `app.get('/', (request, reply) => reply.view('index.${extension}', { title: 'First title' }))`
    ]),
    [`views/index.${extension}`]: page,
    [`views/part.${extension}`]: part,
    'public/style.css': STYLE
  },
  start: 'node --watch server.js',
  edits: [
    { file: `views/index.${extension}`, from: 'First view', to: 'Other view', how: 'reload' },
    { file: `views/part.${extension}`, from: 'First part', to: 'Other part', how: 'reload' },
    restyle(),
    { file: 'server.js', from: 'First title', to: 'Other title', how: 'restart' }
  ]
}))
