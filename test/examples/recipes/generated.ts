// The app that `fastify generate --lang=ts` of fastify-cli makes, with the few lines that it gets.
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, sep } from 'node:path'
import { html, type Recipe, restyle, STYLE } from './recipe.js'

const require = createRequire(import.meta.url)
const { typescriptTemplate: { dir, scripts } } = require('fastify-cli/generate.js') as { typescriptTemplate: { dir: string, scripts: Record<string, string> } }
const TEMPLATE = join(dirname(require.resolve('fastify-cli/package.json')), 'templates', dir)

/** A file of the template, with these words in the place of others. */
function generated (file: string, ...changes: readonly (readonly [from: string, to: string])[]): string {
  let text = file === 'package.json' ? JSON.stringify({ name: 'my-app', scripts }, null, 2) : readFileSync(join(TEMPLATE, file), 'utf8')
  for (const [from, to] of changes) {
    if (!text.includes(from)) throw new Error(`${file} of fastify-cli has no ${from}`)
    text = text.replace(from, () => to)
  }
  return text
}

const SOURCES = readdirSync(TEMPLATE, { recursive: true, encoding: 'utf8' }).map(path => path.split(sep).join('/')).filter(path => /^src\/.*\.ts$/.test(path))

export const GENERATED: Recipe = {
  name: 'fastify-cli for TypeScript',
  files: {
    ...Object.fromEntries(SOURCES.map(path => [path, generated(path)])),
    'package.json': generated('package.json', ['--ignore-watch=.ts$ ', '--ignore-watch=\\".ts$ public\\" ']),
    // TypeScript 6 wants to be told what 5.9, which the template asks for, finds out.
    'tsconfig.json': generated('tsconfig.json', ['"outDir": "dist",', '"outDir": "dist",\n    "rootDir": "src",']),
    'src/app.ts': generated('src/app.ts',
      ['import { FastifyPluginAsync', "import liveReload from 'fastify-live-reload'\nimport { FastifyPluginAsync"],
      ['  // Place here your custom code!\n', "  // Place here your custom code!\n  void fastify.register(liveReload, { root: 'public' })\n"]),
    'src/routes/example/index.ts': generated('src/routes/example/index.ts', ["'this is an example'", "'First route with ' + fastify.someSupport()"]),
    'public/hello.html': html('<h1>First page</h1><p></p><script src="/page.js"></script>'),
    'public/page.js': "fetch('/example').then(async answer => { document.querySelector('p').textContent = 'First script, ' + await answer.text() })\n",
    'public/style.css': STYLE
  },
  start: 'npm run dev',
  path: '/hello.html',
  // What the compiler writes when it begins to watch restarts the server.
  ready: /Watching for file changes[^]*Server listening/,
  watcher: 'tsc',
  edits: [
    { file: 'public/hello.html', from: 'First page', to: 'Other page', how: 'reload' },
    { file: 'src/routes/example/index.ts', from: 'First route', to: 'Other route', how: 'restart' },
    { file: 'public/page.js', from: 'First script', to: 'Other script', how: 'reload' },
    { file: 'src/plugins/support.ts', from: 'hugs', to: 'kisses', how: 'restart' },
    restyle()
  ]
}
