// The smallest blueprint as a person takes it. The others are in test/system, since they take longer.
import { test } from 'tap'
import { page } from '../../../support/browser.js'
import { folder } from '../../../support/folder.js'
import { make, makeLinked, script, seeReload, start } from '../../../support/new-app.js'

test('minimal', async t => {
  const app = await make(t)
  await seeReload(t, app, { file: 'public/index.html', from: 'and save it', to: 'and see it' })
})

test('minimal in TypeScript', async t => {
  const app = await makeLinked(t, '--ts')
  script(t, app, 'types')
  await seeReload(t, app, { file: 'public/index.html', from: 'and save it', to: 'and see it' })
})

const PAGE = `<!doctype html>
<title>x</title>
<script type="module">
import { html, render } from 'lit'
import htmx from 'htmx.org'
render(html\`<p>and save it, with \${typeof htmx.version}</p>\`, document.body)
</script>`

test('a blueprint of your own with libraries: its pages import them by their names, in production too', async t => {
  const blueprint = folder(t).write('mine.json', JSON.stringify({
    name: 'mine',
    dependencies: { fastify: 'tested', 'fastify-live-reload': 'tested' },
    libraries: { lit: 'tested', 'htmx.org': 'tested' },
    scripts: { dev: 'node --watch server.js', start: 'node server.js' },
    devServer: { options: { root: 'public' } },
    files: [
      { path: 'server.js', text: ["import Fastify from 'fastify'", "import liveReload from 'fastify-live-reload'", "import { listen } from 'fastify-live-reload/dev'", "import options, { server } from './live-reload.config.js'", 'const app = Fastify({ logger: true })', 'await app.register(liveReload, options)', 'await listen(app, server)'] },
      { path: 'public/index.html', text: PAGE }
    ]
  }))
  const app = await make(t, '--blueprint', blueprint)
  await seeReload(t, app, { file: 'public/index.html', from: 'and save it', to: 'and see it' })
  const tab = await page(t)
  await tab.goto(await start(t, app, 'start', { NODE_ENV: 'production' }))
  await tab.getByText('and see it, with string').waitFor()
  t.notMatch(await tab.content(), '/__live/', 'nothing of live reload')
})
