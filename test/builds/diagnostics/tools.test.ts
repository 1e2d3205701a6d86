// What real tools print, as it was recorded: `output/*.txt`. In it `{project}` is the folder in which the tool ran.
import { readFileSync, readdirSync } from 'node:fs'
import { relative } from 'node:path'
import { test } from 'tap'
import { parseOutput } from '../../../lib/builds/diagnostics/parse-output.js'
import { folder } from '../../support/folder.js'

type Expected = [place: string, message: string, severity?: 'warning']

const MISSING_MODULE = "TS2307: Cannot find module './gone.js' or its corresponding type declarations."
const TYPES: Expected[] = [['src/a.ts:1:22', MISSING_MODULE], ['src/a.ts:2:7', "TS2322: Type 'string' is not assignable to type 'number'."]]

const tools: Record<string, Expected[]> = {
  babel: [['src/syntax.js:2:6', 'SyntaxError: Unexpected token (2:5)']],
  ejs: [['a.ejs', "ejs: Unexpected token 'catch' in {project}/a.ejs while compiling ejs"]],
  eleventy: [['site/bad.md:3:1', 'tag {% if x %} not closed']],
  'eleventy-filter': [['site/filter.njk', 'filter not found: nofilter (via Template render error)']],
  esbuild: [['src/entry.js:1:22', 'Could not resolve "./gone.js"']],
  eslint: [['src/lint.js:2:7', "Expected '===' and instead saw '=='"], ['src/lint.js:2:15', "Unexpected 'debugger' statement", 'warning'], ['src/lint.js:3:11', "'c' is not defined"]],
  gcc: [['a.c:1:21', '‘x’ undeclared (first use in this function)']],
  hugo: [['layouts/partials/footer.html:1:12', '']],
  'hugo-yaml': [['content/posts/first.md:2:1', '']],
  lessc: [['styles/site.less:2:13', 'NameError: variable @missing is undefined']],
  node: [['src/syntax.js:2', "SyntaxError: Unexpected token '*'"]],
  'node-gone': [['gone.mjs', "Cannot find module '{project}/gone.js'"]],
  'npm-sass': [['styles/site.scss:2:10', 'Undefined variable.']],
  nunjucks: [['views/a.njk', 'template not found: nope.njk']],
  postcss: [['styles/bad.css:1:1', 'CssSyntaxError: Unclosed block']],
  pug: [['pages/index.pug:3', "TypeError: Cannot read properties of undefined (reading 'name')"]],
  'pug-syntax': [['pages/syntax.pug:4:1', 'The end of the string reached with no closing bracket ) found.']],
  python: [['a.py:2', "NameError: name 'g' is not defined"]],
  rollup: [['src/syntax.js:2:6', 'RollupError: Expression expected']],
  'rollup-gone': [['src/entry.js', 'RollupError: Could not resolve "./gone.js"']],
  sass: [['styles/site.scss:2:10', 'Undefined variable.']],
  'sass-import': [['styles/_partial.scss:1:13', '1px and 1em have incompatible units.']],
  stylelint: [['b.css:1:5', 'Unknown property "colr"']],
  stylus: [['a.styl:5:1', 'ParseError: failed to find closing paren ")"']],
  tailwind: [['', 'Cannot apply unknown utility class `nope`']],
  tsc: TYPES,
  'tsc-pretty': TYPES,
  vite: [['src/syntax.js:2:6', 'Unexpected token']],
  'vite-svelte': [['src/App.svelte:1:16', 'RolldownError: Unexpected token']],
  'vite-vue': [['src/App.vue:1:16', 'RolldownError: Element is missing end tag.']],
  'vitepress-dead': [['index.md', 'Found dead link ./gone', 'warning']],
  'vitepress-syntax': [['index.md:6:8', 'Error parsing JavaScript expression: Unexpected token (1:4)']],
  webpack: [['src/index.js:1:1', "Module not found: Error: Can't resolve './gone.js' in '{project}/src'"]],
  'webpack-syntax': [['src/syntax.js:2:6', 'Module parse failed: Unexpected token (2:5)']]
}

test('places and messages of what real tools print', async t => {
  const recorded = readdirSync(new URL('./output', import.meta.url)).map(name => name.replace('.txt', ''))
  t.strictSame(Object.keys(tools).sort(), recorded.sort(), 'each recorded output has its expectation')
  for (const [name, expected] of Object.entries(tools)) {
    const text = readFileSync(new URL(`./output/${name}.txt`, import.meta.url), 'utf8')
    // Whatever a stack names of installed packages is there, and must not win.
    const installed = [...text.matchAll(/\{project\}\/(node_modules\/[^\s:]+):/g)].map(match => match[1] as string)
    const wanted = expected.flatMap(([place]) => place === '' ? [] : [place.split(':')[0] as string])
    const wrapping = name === 'hugo' ? ['content/posts/first.md', 'layouts/_default/baseof.html'] : []
    const project = folder(t, Object.fromEntries([...installed, ...wanted, ...wrapping].map(path => [path, ''])))
    const found = parseOutput(text.replaceAll('{project}', project.path), project.path)
    t.strictSame(found.map(({ file, line, column }) => file === undefined ? '' : [relative(project.path, file), line, column].filter(Boolean).join(':')), expected.map(([place]) => place), `${name}: places`)
    t.strictSame(found.map(one => one.severity), expected.map(([,, severity]) => severity ?? 'error'), `${name}: severities`)
    for (const [i, [, message]] of expected.entries()) {
      if (message !== '') t.equal(found[i]?.message, message.replaceAll('{project}', project.path), `${name}: message`)
    }
  }
})
