// Programs that make what is served.
import { html, lines, type Recipe, restyle, server, STYLE } from './recipe.js'

const MODULE = { 'package.json': '{ "type": "module" }' }

export const BUILDS: readonly Recipe[] = [
  {
    name: 'Sass',
    files: {
      ...MODULE,
      'server.js': server([], ["await app.register(liveReload, { root: 'public', build: { source: 'styles', builder: 'sass styles:public' } })"]),
      'styles/style.scss': "@use 'colors';\nh1 { color: colors.$main }\n",
      'styles/_colors.scss': '$main: green;\n',
      'public/index.html': html()
    },
    start: 'node server.js',
    edits: [
      { file: 'public/index.html', from: 'First page', to: 'Other page', how: 'reload' },
      restyle('styles/_colors.scss'),
      { file: 'styles/style.scss', from: 'h1 {', to: 'h1 { margin-top: 5px;', shows: 'getComputedStyle(document.querySelector("h1")).marginTop === "5px"', how: 'update' }
    ]
  },
  {
    name: 'Eleventy',
    files: {
      ...MODULE,
      'server.js': server([], [
        'await app.register(liveReload, {',
        "  root: 'dist',",
        "  build: { source: ['content', 'eleventy.config.js'], builder: 'eleventy --input=content --output=dist' }",
        '})'
      ]),
      'eleventy.config.js': lines('export default config => {', "  config.addPassthroughCopy('content/*.css')", "  config.addGlobalData('site', { name: 'First site' })", '}'),
      'content/index.md': '---\nlayout: base.njk\n---\n# First page\n',
      'content/_includes/base.njk': html('{{ content | safe }} First layout {{ site.name }}'),
      'content/_data/words.json': '{ "word": "First word" }',
      'content/words.njk': '---\nlayout: base.njk\npermalink: words/index.html\n---\n{{ words.word }}\n',
      'content/style.css': STYLE
    },
    start: 'node server.js',
    edits: [
      { file: 'content/index.md', from: 'First page', to: 'Other page', how: 'reload' },
      { file: 'content/_includes/base.njk', from: 'First layout', to: 'Other layout', how: 'reload' },
      { file: 'eleventy.config.js', from: 'First site', to: 'Other site', how: 'reload' },
      restyle('content/style.css')
    ]
  }
]
