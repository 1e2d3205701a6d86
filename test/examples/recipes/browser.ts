// Libraries of the page, and Vite's own updates beside those of the plugin.
import { basename, dirname } from 'node:path/posix'
import { html, lines, type Recipe, restyle, server, STYLE } from './recipe.js'

/** Libraries that fetch fragments: where their file is, and an element that fetches one by itself. */
const FRAGMENTS = [
  { name: 'htmx', script: 'htmx.org/dist/htmx.js', tag: 'div', fetches: 'hx-get="/part" hx-trigger="load" hx-swap="outerHTML"' },
  { name: 'Turbo', script: '@hotwired/turbo/dist/turbo.es2017-umd.js', tag: 'turbo-frame', fetches: 'src="/part"' },
  { name: 'Unpoly', script: 'unpoly/unpoly.js', tag: 'div', fetches: 'up-defer up-href="/part"' }
].map(({ name, script, tag, fetches }): Recipe => ({
  name,
  files: {
    'package.json': '{ "type": "module" }',
    'server.js': server(["import { readFileSync } from 'node:fs'"], [
      `await app.register(liveReload, { root: ['public', { path: 'node_modules/${dirname(script)}', prefix: '/library/' }], watch: 'views' })`,
      `app.get('/part', (request, reply) => reply.type('text/html').send(\`<${tag} id="part">First code, \${readFileSync('views/part.html', 'utf8')}</${tag}>\`))`
    ]),
    'views/part.html': '<p>First part</p>\n',
    'public/index.html': html(`<h1>First page</h1><${tag} id="part" ${fetches}></${tag}>`, `<script src="/library/${basename(script)}" defer></script>`),
    'public/style.css': STYLE
  },
  start: 'node --watch server.js',
  edits: [
    { file: 'public/index.html', from: 'First page', to: 'Other page', how: 'reload' },
    { file: 'views/part.html', from: 'First part', to: 'Other part', how: 'reload' },
    { file: 'server.js', from: 'First code', to: 'Other code', how: 'restart' },
    restyle()
  ]
}))

export const BROWSER: readonly Recipe[] = [
  ...FRAGMENTS,
  {
    name: 'Alpine',
    files: {
      'package.json': '{ "type": "module" }',
      'server.js': server([], [
        'await app.register(liveReload, {',
        "  root: ['public', { path: 'node_modules/alpinejs/dist', prefix: '/alpine/' }]",
        '})'
      ]),
      'public/index.html': html('<h1 x-data="{ title: \'First title\' }" x-text="title"></h1>', '<script defer src="/alpine/cdn.js"></script>'),
      'public/style.css': STYLE
    },
    start: 'node server.js',
    edits: [{ file: 'public/index.html', from: 'First title', to: 'Other title', how: 'reload' }, restyle()]
  },
  {
    name: '@fastify/vite',
    files: {
      'package.json': '{ "type": "module" }',
      'vite.config.js': lines(
        "import { join } from 'node:path'",
        "import { viteFastify } from '@fastify/vite/plugin'",
        '',
        "export default { root: join(import.meta.dirname, 'client'), plugins: [viteFastify({ spa: true })], define: { WORD: \"'First config'\" } }"
      ),
      'server.js': server(["import { readFileSync } from 'node:fs'", "import vite from '@fastify/vite'"], [
        "await app.register(liveReload, { watch: 'data' })",
        "await app.register(vite, { root: import.meta.dirname, dev: process.env.NODE_ENV !== 'production', spa: true })",
        "app.get('/', (request, reply) => reply.html())",
        "app.get('/word', async () => 'First code ' + readFileSync('data/word.txt', 'utf8'))",
        'await app.vite.ready()'
      ]),
      'data/word.txt': 'First word',
      'client/index.html': '<!doctype html><html><head><title>Recipe</title><link rel="icon" href="data:,"></head><body><h1>First page</h1><p></p><script type="module" src="/main.js"></script></body></html>',
      'client/main.js': lines("import './style.css'", "document.querySelector('p').textContent = WORD + ' First script ' + await (await fetch('/word')).text()"),
      'client/style.css': STYLE
    },
    start: 'nodemon --ignore client/ server.js',
    edits: [
      { file: 'client/main.js', from: 'First script', to: 'Other script', how: 'reload' },
      { file: 'client/index.html', from: 'First page', to: 'Other page', how: 'reload' },
      restyle('client/style.css'),
      { file: 'data/word.txt', from: 'First word', to: 'Other word', how: 'reload' },
      { file: 'server.js', from: 'First code', to: 'Other code', how: 'restart' },
      { file: 'vite.config.js', from: 'First config', to: 'Other config', how: 'restart' }
    ]
  }
]
