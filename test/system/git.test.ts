// A checkout and a rebase by git itself: one build, with all of it.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { test } from 'tap'
import { startApp } from '../support/app.js'
import { folder, type Folder } from '../support/folder.js'
import { until } from '../support/wait.js'

const FILES = 500
const NAMES = Array.from({ length: FILES }, (_, i) => `src/p${String(i).padStart(3, '0')}.md`)

const run = promisify(execFile)

/** Two branches that differ in every file. Git needs a second for one in the middle: longer than any quiet time. */
async function repository (f: Folder): Promise<(...args: string[]) => Promise<unknown>> {
  const git = (...args: string[]) => run('git', ['-C', f.path, '-c', 'user.name=me', '-c', 'user.email=me@here', '-c', 'commit.gpgsign=false', ...args])
  const commit = async (text: string) => {
    for (const name of NAMES) f.write(name, `${text} ${name}`)
    await git('add', '.')
    await git('commit', '-qm', text)
  }
  await git('init', '-qb', 'one')
  f.write('.gitattributes', 'src/p250.md filter=slow\n')
  await commit('one')
  await git('checkout', '-qb', 'two')
  await commit('two')
  await git('config', 'filter.slow.smudge', 'sleep 1; cat')
  return git
}

test('a checkout of another branch is one build', async t => {
  const f = folder(t)
  const git = await repository(f)
  const built: (readonly string[])[] = []
  const { app, lines } = await startApp(t, { build: { source: f.at('src'), builder: async ({ changed }) => { built.push(changed) } } })
  await git('checkout', '-q', 'one')
  // A build that an edit interrupts is repeated with all of it.
  await until(() => built.length > 1 && Object.values(app.liveReload.status().builds).every(({ state }) => state !== 'started'), 'the end of the build')
  f.write('src/p000.md', 'an edit')
  await until(() => built.at(-1)?.length === 1, 'the build of the edit')
  t.strictSame(built.map(changed => changed.length), [0, FILES, 1])
  t.match(lines.filter(line => line.includes('git is at work')), { length: 1 })
})
