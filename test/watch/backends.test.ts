// What backends and the system say, where a running watch meets it on some machines only.
import parcel from '@parcel/watcher'
import { test } from 'tap'
import { unreliableFileSystem } from '../../lib/watch/backends/file-system.js'
import { explain, systemCode } from '../../lib/watch/backends/limits.js'
import { createNative } from '../../lib/watch/backends/native.js'
import { preflight } from '../../lib/watch/backends/preflight.js'
import { folder } from '../support/folder.js'
import { onLinux } from '../support/system.js'
import { until } from '../support/wait.js'
import { watching } from './watching.js'

test('what the system refused', async t => {
  const rows: [error: object, code: string][] = [
    [{ code: 'EMFILE' }, 'EMFILE'],
    [new Error("inotify_add_watch on '/x' failed: No space left on device"), 'ENOSPC'],
    [new Error('Too many open files'), 'EMFILE'],
    [new Error('No file descriptors available'), 'EMFILE'],
    [new Error('Bad file descriptor'), 'ENOENT'],
    [new Error('Permission denied'), 'EACCES'],
    [new Error('something else'), 'UNKNOWN'],
    [{}, 'UNKNOWN']
  ]
  for (const [error, code] of rows) t.equal(systemCode(error), code, code)
  t.match(explain(Object.assign(new Error('x'), { code: 'ENFILE' }), '/x'), /ulimit -n/)
  t.match(explain(new Error('the cause'), '/x'), /cannot watch \/x: the cause/)
  t.equal(unreliableFileSystem('/nowhere/at/all'), undefined)
  t.equal(unreliableFileSystem(import.meta.dirname), undefined)
  await t.rejects(preflight('/nowhere/at/all', true), { code: 'ENOENT' })
})

test('a system without native watcher is refused as one whose package is missing', async t => {
  const f = folder(t, { 'd/page.html': 'one' })
  await t.rejects(createNative('aix').open(f.path, async () => false, { ignored: [], directories: () => [], pollInterval: 0, onLost () {} }), { code: 'BACKEND_MISSING', message: 'there is no native watcher for aix' })
  t.match(createNative('darwin'), { followsNewDirectories: true, canOverlap: false })
})

test('the native watcher of Linux: hints, and errors with the code of the system', onLinux, async t => {
  const f = folder(t, { 'd/page.html': 'one' })
  const options = { ignored: [f.at('[odd]')], directories: () => [], pollInterval: 0, onLost () {} }
  const native = createNative('linux')
  t.match(native, { followsNewDirectories: false, canOverlap: true })
  const hints: (readonly string[] | undefined)[] = []
  const handles = [
    await native.open(f.path, async paths => hints.push(paths) > 0, options),
    await native.open(f.path, async () => true, options)
  ]
  f.write('d/page.html', 'two')
  await until(() => hints.flat().includes(f.at('d/page.html')), 'a hint')
  await Promise.all(handles.flatMap(handle => [handle.close(), handle.close()]))
  await t.rejects(native.open(f.at('gone'), async () => false, options), { code: 'ENOENT' })
})

test('a native watcher that reports an error is opened again', async t => {
  const { subscribe } = parcel
  const listeners: parcel.SubscribeCallback[] = []
  parcel.subscribe = (path, listener, options) => {
    listeners.push(listener)
    return subscribe(path, listener, options)
  }
  t.teardown(() => { parcel.subscribe = subscribe })
  const f = folder(t, { 'page.html': 'one' })
  const w = watching(t, f.path, { backend: 'native' })
  await w.watch.ready
  listeners[0]?.(new Error('Unable to poll: Interrupted system call'), [])
  await until(() => listeners.length === 2, 'opened again')
  f.write('page.html', 'two')
  await w.told(f.at('page.html'), 'update')
  t.equal(w.watch.status().state, 'ok')
})

test('a directory that vanishes while it is opened is refused', onLinux, async t => {
  const { subscribe } = parcel
  parcel.subscribe = async () => { throw new Error('No such file or directory') }
  t.teardown(() => { parcel.subscribe = subscribe })
  const f = folder(t, { 'page.html': 'one' })
  await t.rejects(createNative().open(f.path, async () => false, { ignored: [], directories: () => [], pollInterval: 0, onLost () {} }), { code: 'ENOENT' })
})

test('where one directory has no second path, the native watcher gets the path itself', onLinux, async t => {
  const f = folder(t, { 'page.html': 'one' })
  const hints: string[] = []
  // On Linux @parcel/watcher takes its own backend when it is asked for that of another system.
  const handle = await createNative('darwin').open(f.path, async paths => hints.push(...paths ?? []) > 0, { ignored: [], directories: () => [], pollInterval: 0, onLost () {} })
  t.teardown(() => handle.close())
  f.write('page.html', 'two')
  await until(() => hints.includes(f.at('page.html')), 'a hint')
  t.ok(hints.includes(f.at('page.html')))
})

test('nothing to watch is ok', async t => {
  const w = watching(t, [])
  await w.watch.ready
  t.strictSame(w.watch.status(), { state: 'ok', roots: [], files: 0 })
})
