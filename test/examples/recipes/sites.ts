// Programs that make a site.
import { html, lines, type Recipe, restyle, server, STYLE } from './recipe.js'

const MODULE = { 'package.json': '{ "type": "module" }' }

export const SITES: readonly Recipe[] = [
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
      'content/_includes/base.njk': html('{{ content | safe }} First layout {{ site.name }} {{ words.word }}'),
      'content/_data/words.json': '{ "word": "First word" }',
      'content/style.css': STYLE
    },
    start: 'node server.js',
    edits: [
      { file: 'content/index.md', from: 'First page', to: 'Other page', how: 'reload' },
      { file: 'content/_includes/base.njk', from: 'First layout', to: 'Other layout', how: 'reload' },
      { file: 'content/_data/words.json', from: 'First word', to: 'Other word', how: 'reload' },
      { file: 'eleventy.config.js', from: 'First site', to: 'Other site', how: 'reload' },
      restyle('content/style.css')
    ]
  },
  {
    name: 'VitePress',
    files: {
      ...MODULE,
      'server.js': server([], [
        'await app.register(liveReload, {',
        "  root: { path: 'dist', extensions: ['html'] },",
        "  build: { source: 'docs', builder: 'vitepress build docs --outDir dist' }",
        '})'
      ]),
      'docs/.vitepress/config.js': "export default { title: 'First site' }\n",
      'docs/.vitepress/theme/index.js': lines(
        "import { Content, useData } from 'vitepress'",
        "import { h } from 'vue'",
        "import './style.css'",
        '',
        'function setup () {',
        '  const { site } = useData()',
        "  return () => h('main', [h(Content), ' First theme ', site.value.title])",
        '}',
        'export default { Layout: { setup } }'
      ),
      'docs/.vitepress/theme/style.css': STYLE,
      'docs/index.md': '# First page\n'
    },
    start: 'node server.js',
    edits: [
      { file: 'docs/index.md', from: 'First page', to: 'Other page', how: 'reload' },
      { file: 'docs/.vitepress/config.js', from: 'First site', to: 'Other site', how: 'reload' },
      { file: 'docs/.vitepress/theme/index.js', from: 'First theme', to: 'Other theme', how: 'reload' },
      { ...restyle('docs/.vitepress/theme/style.css'), how: 'reload' }
    ]
  }
]
