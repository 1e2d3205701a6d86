// Libraries of the page.
import { html, type Recipe, restyle, server, STYLE } from './recipe.js'

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
  }
]
