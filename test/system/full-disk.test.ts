// Disks that are full, read-only, or taken away. Root may mount them; others may in a namespace of their own, where this file is run again.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t, { after, test, type Test } from 'tap'
import { inProcess } from '../../lib/builds/builders/in-process.js'
import { staged } from '../../lib/builds/builders/staging.js'
import { createPoll } from '../../lib/watch/backends/poll.js'
import { manualClock } from '../support/clock.js'
import { folder } from '../support/folder.js'
import { onLinux } from '../support/system.js'
import { contextOf, requestOf } from '../builds/builders/conformance.js'
import { backends, watching } from '../watch/watching.js'
import { builderKinds } from '../builds/builders/kinds.js'

// Elsewhere both are skipped, and say so.
if (process.getuid?.() === 0 || onLinux.skip !== false) onDisks()
else t.spawn('unshare', ['--user', '--map-root-user', '--mount', process.execPath, ...process.execArgv, fileURLToPath(import.meta.url)], 'as root of a namespace; where it is forbidden, run the tests as root')

function mount (t: Test, at: string, options: string): void {
  mkdirSync(at, { recursive: true })
  attach(at, options)
  t.teardown(() => detach(at))
}

function attach (at: string, options: string): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', at])
}

function detach (at: string): void {
  execFileSync('umount', ['-l', at])
}

function onDisks (): void {
  const kinds = builderKinds(after)

  test('staged(): on a disk without space or inodes the last good output stays, and the next build recovers', onLinux, async t => {
    for (const [options, fill] of [
      ['size=1m', "write('index.html', Buffer.alloc(700_000, 98))"],
      ['size=4m,nr_inodes=14', "for (let i = 0; i < 5; i++) write(i + '.css', 'b')"]
    ] as const) {
      const at = folder(t, { mode: 'good' })
      mount(t, at.at('disk'), options)
      const dir = at.at('disk/dist')
      const request = requestOf({ cwd: at.path })
      const builders = await kinds(at, `import { readFileSync, writeFileSync } from 'node:fs'
export default ({ outDir }) => {
  const write = (name, text) => writeFileSync(outDir + '/' + name, text)
  const large = readFileSync('${at.at('mode')}', 'utf8') === 'large'
  write('index.html', large ? 'newer' : 'good')
  if (large) ${fill}
}`)
      for (const [kind, inner] of Object.entries(builders)) {
        const builder = staged(inner, { dir })
        t.match(await builder.build(request, contextOf()), { ok: true }, `${kind}, ${options}`)
        at.write('mode', 'large')
        t.match(await builder.build(request, contextOf()), { ok: false, diagnostics: [{ message: /ENOSPC/ }] })
        t.equal(readFileSync(join(dir, 'index.html'), 'utf8'), 'good')
        t.strictSame(readdirSync(dir), ['index.html'])
        at.write('mode', 'good')
        await builder.close?.()
        t.match(await builder.build(request, contextOf()), { ok: true }, 'recovers')
        await builder.close?.()
      }
    }
  })

  test('staged(): a read-only disk and a file in the way are named, and the output stays', onLinux, async t => {
    const at = folder(t, { file: '' })
    mount(t, at.at('disk'), 'size=1m')
    const request = requestOf({ cwd: at.path })
    const builder = staged(inProcess(({ outDir }) => writeFileSync(join(outDir as string, 'a.html'), 'a')), { dir: at.at('disk/dist') })
    t.match(await builder.build(request, contextOf()), { ok: true })
    await builder.close?.()
    execFileSync('mount', ['-o', 'remount,bind,ro', at.at('disk')])
    t.match(await builder.build(request, contextOf()), { ok: false, diagnostics: [{ message: /read-only \(EROFS\)/ }] })
    execFileSync('mount', ['-o', 'remount,bind,rw', at.at('disk')])
    t.match(await builder.build(request, contextOf()), { ok: true })
    await builder.close?.()
    t.match(await staged(inProcess(() => {}), { dir: at.at('file/dist') }).build(request, contextOf()), { ok: false, diagnostics: [{ message: /a part of the path is a file/ }] })
    const blocked = staged(inProcess(({ outDir }) => writeFileSync(join(outDir as string, 'a'), '1')), { dir: at.at('file') })
    t.match(await blocked.build(request, contextOf()), { ok: false, diagnostics: [{ message: /stays as it was/ }] })
    await blocked.close?.()
  })

  for (const backend of backends) {
    test(`${backend}: a root whose disk is taken away and put back is watched again`, onLinux, async t => {
      const at = folder(t)
      mount(t, at.at('disk'), 'size=1m')
      const page = at.write('disk/page.html', 'one')
      const { watch, told, clear } = watching(t, at.at('disk'), { backend })
      await watch.ready
      detach(at.at('disk'))
      await told(page, 'delete')
      attach(at.at('disk'), 'size=1m')
      at.write('disk/page.html', 'two')
      await told(page, 'create')
      clear()
      at.write('disk/page.html', 'three')
      await told(page, 'update')
      t.match(watch.status().state, backend === 'poll' ? 'polling' : 'ok')
    })
  }

  test('a read-only root is watched natively: nothing can be tried out in it, and nothing is said', onLinux, async t => {
    const at = folder(t)
    mount(t, at.at('disk'), 'size=1m')
    at.write('disk/page.html', 'one')
    execFileSync('mount', ['-o', 'remount,bind,ro', at.at('disk')])
    const clock = manualClock()
    const deaf = { followsNewDirectories: true, canOverlap: true, open: async () => ({ async close () {} }) }
    const { watch, lines } = watching(t, at.at('disk'), {}, undefined, { clock, backends: { native: deaf, poll: createPoll(clock) } })
    await watch.ready
    clock.advance(60_000)
    t.strictSame([watch.status().state, lines], ['ok', []])
    execFileSync('mount', ['-o', 'remount,bind,rw', at.at('disk')])
  })
}
