// A name that is a file first and a directory later, or the other way: rules may judge the two differently.
import { rmSync, symlinkSync } from 'node:fs'
import { test } from 'tap'
import { type Folder, folder } from '../support/folder.js'
import { onPosix } from '../support/system.js'
import { until } from '../support/wait.js'
import { backends, watching } from './watching.js'

/** The other thing in its place. */
function replace (f: Folder, name: string, files: Record<string, string>): void {
  rmSync(f.at(name), { recursive: true })
  for (const [path, content] of Object.entries(files)) f.write(path, content)
}

for (const backend of backends) {
  test(backend, async t => {
    for (const [name, make] of [
      ['a file', f => { f.write('src/guide', 'one') }],
      ['a link to a directory', f => { f.write('real/g.md', 'one'); symlinkSync('../real', f.at('src/guide')) }]
    ] as [string, (f: Folder) => void][]) {
      t.test(`${name} that is not included becomes a directory`, onPosix, async t => {
        const f = folder(t, { 'src/a.md': 'one' })
        make(f)
        const w = watching(t, f.at('src'), { backend, include: ['*.md'] })
        await w.watch.ready
        t.equal(w.watch.status().files, 1)
        replace(f, 'src/guide', { 'src/guide/g.md': 'one', 'src/guide/deep/h.md': 'one' })
        await w.told(f.at('src/guide/g.md'), 'create')
        await w.told(f.at('src/guide/deep/h.md'), 'create')
        f.write('src/guide/g.md', 'two')
        await w.told(f.at('src/guide/g.md'), 'update')
        replace(f, 'src/guide', { 'src/guide': 'one' })
        await w.told(f.at('src/guide/g.md'), 'delete')
        await until(() => w.watch.status().files === 1, 'a file again')
      })
    }

    t.test('a directory that is ignored becomes a file', async t => {
      const f = folder(t, { '.git/HEAD': '', '.gitignore': 'guide/', 'guide/x.html': 'one', 'page.html': 'one' })
      const w = watching(t, f.path, { backend })
      await w.watch.ready
      // From its first event on the native backend watches what it was told to leave out.
      f.write('page.html', 'two')
      await w.told(f.at('page.html'))
      replace(f, 'guide', { guide: 'one' })
      await w.told(f.at('guide'), 'create')
      f.write('guide', 'two')
      await w.told(f.at('guide'), 'update')
    })

    t.test('a file becomes a directory that is ignored', async t => {
      const f = folder(t, { guide: 'one' })
      const w = watching(t, f.path, { backend, ignore: ['guide/'] })
      await w.watch.ready
      replace(f, 'guide', { 'guide/x.html': 'one' })
      await w.told(f.at('guide'), 'delete')
      f.write('guide/x.html', 'two')
      await w.settled()
      t.same(w.all().map(({ path }) => path), [f.at('guide')])
    })
  })
}
