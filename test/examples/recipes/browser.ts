// Libraries of the page, and Vite's own updates beside those of the plugin.
import { html, lines, type Recipe, restyle, server, STYLE } from './recipe.js'

export const BROWSER: readonly Recipe[] = [
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
        "export default { root: join(import.meta.dirname, 'client'), plugins: [viteFastify({ spa: true })] }"
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
      'client/main.js': lines("import './style.css'", "document.querySelector('p').textContent = 'First script ' + await (await fetch('/word')).text()"),
      'client/style.css': STYLE
    },
    start: 'nodemon --ignore client/ server.js',
    edits: [
      { file: 'client/main.js', from: 'First script', to: 'Other script', how: 'reload' },
      { file: 'client/index.html', from: 'First page', to: 'Other page', how: 'reload' },
      restyle('client/style.css'),
      { file: 'data/word.txt', from: 'First word', to: 'Other word', how: 'reload' },
      { file: 'server.js', from: 'First code', to: 'Other code', how: 'restart' }
    ]
  }
]
