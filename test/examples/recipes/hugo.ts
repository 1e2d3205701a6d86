// Hugo, which npm does not bring: its test is in test/system.
import { html, lines, type Recipe, restyle, server, STYLE } from './recipe.js'

export const HUGO: Recipe = {
  name: 'Hugo',
  files: {
    'package.json': '{ "type": "module" }',
    'server.js': server([], [
      'await app.register(liveReload, {',
      "  root: 'dist',",
      // Hugo writes its lock into the source.
      "  build: { source: 'site', builder: 'hugo --source site --destination ../dist' }",
      '})'
    ]),
    'site/config.toml': lines("baseURL = '/'", "title = 'First site'", "disableKinds = ['taxonomy', 'term', 'RSS', 'sitemap']"),
    'site/content/_index.md': '# First page\n',
    'site/data/words.json': '{ "word": "First word" }\n',
    'site/layouts/index.html': html('{{ .Content }} First layout, {{ site.Title }}, {{ site.Data.words.word }} <p></p> {{ partial "footer.html" . }}', '{{ with resources.Get "more.css" }}<link rel="stylesheet" href="{{ .RelPermalink }}">{{ end }}<script defer src="/page.js"></script>'),
    'site/layouts/partials/footer.html': '<footer>First footer</footer>\n',
    'site/static/page.js': "document.querySelector('p').textContent = 'First script'\n",
    'site/static/style.css': STYLE,
    'site/assets/more.css': 'h1 { margin-top: 10px }\n'
  },
  start: 'node server.js',
  edits: [
    { file: 'site/content/_index.md', from: 'First page', to: 'Other page', how: 'reload' },
    { file: 'site/layouts/index.html', from: 'First layout', to: 'Other layout', how: 'reload' },
    { file: 'site/layouts/partials/footer.html', from: 'First footer', to: 'Other footer', how: 'reload' },
    { file: 'site/data/words.json', from: 'First word', to: 'Other word', how: 'reload' },
    { file: 'site/config.toml', from: 'First site', to: 'Other site', how: 'reload' },
    { file: 'site/static/page.js', from: 'First script', to: 'Other script', how: 'reload' },
    restyle('site/static/style.css'),
    { file: 'site/assets/more.css', from: '10px', to: '20px', shows: 'getComputedStyle(document.querySelector("h1")).marginTop === "20px"', how: 'update' }
  ]
}
