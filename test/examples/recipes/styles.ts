// Programs that make style sheets.
import { html, lines, type Recipe, restyle, server, STYLE } from './recipe.js'

const MODULE = { 'package.json': '{ "type": "module" }' }

export const STYLES: readonly Recipe[] = [
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
    name: 'Tailwind CSS',
    files: {
      ...MODULE,
      'server.js': server([], [
        'await app.register(liveReload, {',
        "  root: ['public', 'dist'],",
        "  build: { source: ['styles', 'public'], builder: 'tailwindcss -i styles/style.css -o dist/style.css' }",
        '})'
      ]),
      'styles/style.css': '@import "tailwindcss";\n@source "../public";\n@theme { --color-main: green }\n',
      'public/index.html': html('<h1 class="mt-1 text-main">First page</h1>')
    },
    start: 'node server.js',
    edits: [
      { file: 'public/index.html', from: 'First page', to: 'Other page', how: 'reload' },
      // The rule is made after the page has come.
      { file: 'public/index.html', from: 'mt-1', to: 'mt-9', shows: 'getComputedStyle(document.querySelector("h1")).marginTop === "36px"', how: 'reload' },
      restyle('styles/style.css')
    ]
  },
  {
    name: 'PostCSS',
    files: {
      ...MODULE,
      'server.js': server([], [
        'await app.register(liveReload, {',
        "  root: ['public', 'dist'],",
        "  build: { source: ['styles', 'postcss.config.js'], builder: 'postcss styles/style.css -o dist/style.css' }",
        '})'
      ]),
      'postcss.config.js': lines(
        "import imports from 'postcss-import'",
        '',
        "const spaced = { postcssPlugin: 'spaced', Declaration: one => { one.value = one.value.replace('space', '10px') } }",
        'export default { plugins: [imports(), spaced], map: false }'
      ),
      'styles/style.css': '@import "colors.css";\nh1 { margin-top: space }\n',
      'styles/colors.css': STYLE,
      'public/index.html': html()
    },
    start: 'node server.js',
    edits: [
      { file: 'public/index.html', from: 'First page', to: 'Other page', how: 'reload' },
      restyle('styles/colors.css'),
      { file: 'styles/style.css', from: 'h1 {', to: 'h1 { margin-left: 5px;', shows: 'getComputedStyle(document.querySelector("h1")).marginLeft === "5px"', how: 'update' },
      { file: 'postcss.config.js', from: '10px', to: '20px', shows: 'getComputedStyle(document.querySelector("h1")).marginTop === "20px"', how: 'update' }
    ]
  }
]
