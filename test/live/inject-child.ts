// An app that never listens and is never closed, as in many tests of apps. Prints what it found; the process has to end by itself.
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Fastify from 'fastify'
import liveReload, { isolated } from '../../lib/index.js'
import '../support/preload.js'

const [situation = '', root = ''] = process.argv.slice(2)
const app = Fastify()
app.register(liveReload, {
  backend: 'native',
  root: join(root, 'dist'),
  watch: join(root, 'views'),
  build: [
    { name: 'page', source: join(root, 'src'), builder: () => { writeFileSync(join(root, 'dist/index.html'), '<!doctype html><html><head></head>built</html>') } },
    { name: 'module', source: join(root, 'src'), builder: isolated(join(root, 'build.mjs')) }
  ]
})

const situations: Record<string, () => Promise<unknown>> = {
  register: async () => 'registered',
  inject: async () => (await app.inject({ url: '/', headers: { accept: 'text/html' } })).body,
  /** A plugin that waits for the first builds. */
  builds: async () => {
    await app.ready()
    await app.liveReload.ready
    return [existsSync(join(root, 'dist/index.html')), existsSync(join(root, 'module')), app.liveReload.status().watch.state]
  },
  watch: async () => {
    await app.ready()
    const changed = new Promise(resolve => { app.liveReload.watch(join(root, 'views'), resolve) })
    await app.liveReload.ready
    const writing = setInterval(() => writeFileSync(join(root, 'views/page.ejs'), String(performance.now())), 50)
    await changed
    clearInterval(writing)
    return 'changed'
  }
}

process.stdout.write(JSON.stringify(await situations[situation]?.()))
