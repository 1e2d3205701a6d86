// A change that a test makes up: what the app does with it, and what it leaves alone.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import Fastify, { type FastifyInstance } from 'fastify'
import { test, type Test } from 'tap'
import liveReload from '../../../lib/index.js'
import { applied, change, connect } from '../../../lib/entries/testing/index.js'
import type { LiveReloadOptions } from '../../../types/options.js'
import { folder } from '../../support/folder.js'

/** Nothing is found by itself: the interval is an hour. */
async function appOf (t: Test, options: LiveReloadOptions): Promise<FastifyInstance> {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(liveReload, { pollInterval: 3_600_000, ...options })
  return app
}

const types = (messages: readonly { readonly type: string }[]) => messages.map(({ type }) => type)

test('change() tells tabs what a save would, whatever is on disk', async t => {
  const { path } = folder(t, { 'public/app.css': 'a {}', 'views/index.ejs': 'one', '.gitignore': 'drafts' })
  const app = await appOf(t, { root: join(path, 'public'), watch: join(path, 'views'), ignore: ['*.md'] })
  const tab = await connect(app)
  t.match(await change(app, join(path, 'views/index.ejs')), [{ type: 'reload', seq: 1 }])
  t.match(await tab.next('reload'), { seq: 1 }, 'and the tab has it')
  t.match(await change(app, join(path, 'public/app.css')), [{ type: 'update', updates: [{ kind: 'css', path: '/app.css' }] }])
  t.match(await change(app, [join(path, 'views/new.ejs'), join(path, 'views/more/new.ejs')], { type: 'create' }), [{ type: 'reload', seq: 3 }], 'one message for both')
  t.match(await change(app, pathToFileURL(join(path, 'public/app.css')), { type: 'delete' }), [{ type: 'reload', seq: 4 }])
  tab.close()
})

test('change() of a file that is ignored tells nothing, and one that nothing watches is refused', async t => {
  const { path } = folder(t, { 'views/index.ejs': 'one', '.git/HEAD': '', '.gitignore': 'drafts' })
  const app = await appOf(t, { watch: join(path, 'views'), ignore: ['*.md', 'private/'] })
  for (const name of ['notes.md', 'private/index.ejs', 'node_modules/ejs/ejs.js', 'index.ejs~', 'drafts/index.ejs']) {
    t.strictSame(await change(app, join(path, 'views', name)), [], name)
  }
  await t.rejects(change(app, ['elsewhere.ejs', join(path, 'views/index.ejs')]), { message: `nothing is watched at ${join(process.cwd(), 'elsewhere.ejs')}` })
  const off = await appOf(t, { enabled: false, watch: join(path, 'views') })
  await t.rejects(change(off, join(path, 'views/index.ejs')), { message: /turned on/ })
})

test('change() of a source waits for its build', async t => {
  const { path, write } = folder(t, { 'src/page.md': 'one', 'src/notes.txt': '' })
  const built: (readonly string[])[] = []
  const app = await appOf(t, {
    root: join(path, 'dist'),
    build: {
      name: 'site',
      source: join(path, 'src'),
      include: ['*.md'],
      async builder ({ changed }) {
        built.push(changed)
        await new Promise(resolve => setTimeout(resolve, 20))
        write('dist/page.html', String(built.length))
      }
    }
  })
  const messages = await change(app, join(path, 'src/page.md'))
  t.strictSame(types(messages).filter(type => type !== 'build'), ['reload'])
  t.match(messages.filter(message => message.type === 'build'), [{ state: 'started' }, { state: 'ok' }])
  t.strictSame(built, [[], [join(path, 'src/page.md')]])
  t.strictSame(await change(app, join(path, 'src/notes.txt')), [])
  // A stream of saves is gathered.
  await Promise.all([1, 2, 3, 4, 5].map(() => change(app, join(path, 'src/page.md'))))
  t.equal(app.liveReload.status().builds.site?.state, 'ok')
})

test('change() of a failing build gives what tabs are shown', async t => {
  const { path } = folder(t, { 'src/page.md': 'one' })
  const app = await appOf(t, { build: { source: join(path, 'src'), builder: ({ changed }) => { if (changed.length > 0) throw new Error('line 3 is wrong') } } })
  t.match((await change(app, join(path, 'src/page.md'))).at(-1), { type: 'build', state: 'failed', diagnostics: [{ message: /line 3 is wrong/ }] })
})

test('change() waits for listeners of watch(), and applied() for a tab that shows it', async t => {
  const { path } = folder(t, { 'data/posts.json': '[]', 'public/index.html': '' })
  const app = await appOf(t, { root: join(path, 'public') })
  const seen: string[] = []
  app.liveReload.watch(join(path, 'data'), async changes => {
    await new Promise(resolve => setTimeout(resolve, 20))
    seen.push(...changes.map(({ path, type }) => `${type} ${path}`))
    app.liveReload.send('posts')
  })
  t.match(await change(app, join(path, 'data/posts.json')), [{ type: 'custom', event: 'posts' }])
  t.strictSame(seen, [`update ${join(path, 'data/posts.json')}`])
  app.liveReload.watch(join(path, 'data'), () => new Promise(() => {}))
  await t.rejects(change(app, join(path, 'data/posts.json'), { timeout: 30 }), { message: 'not within 30 ms: builds and listeners have ended' })
  t.match(await applied(app, () => change(app, join(path, 'public/index.html'), { timeout: 30 }).catch(() => {})), { type: 'reload' })
})
