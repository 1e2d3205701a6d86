// A process that has no file descriptors left: what cannot be read is no secret, and is reported later.
import { test } from 'tap'
import { folder } from '../support/folder.js'
import { onPosix } from '../support/system.js'
import { until } from '../support/wait.js'
import { startChild } from './child-watch.js'

const wrapper = ['sh', '-c', 'ulimit -n 128 && exec "$@"', 'sh']

for (const [backend, good] of [['auto', 'ok'], ['poll', 'polling']] as const) {
  test(`${backend}: without descriptors the watch is degraded until everything was read, and then reports it`, onPosix, async t => {
    const f = folder(t, { 'page.html': 'one', 'd/page.html': 'one' })
    const child = startChild(t, { root: f.path, backend, wrapper })
    t.equal((await child.ready()).status?.state, good)
    await child.status('take')
    f.write('page.html', 'two')
    f.write('d/new.html', 'one')
    await until(async () => /cannot read .*; changes in it are not seen until it can be read/.test((await child.status()).reason ?? ''), 'degraded')
    t.equal((await child.status()).state, 'degraded')
    t.same(child.said.flatMap(({ changes = [] }) => changes), [], 'what cannot be read is not reported')
    await child.status('release')
    await child.reported(f.at('page.html'), 'two')
    await child.reported(f.at('d/new.html'), 'one')
    await until(async () => (await child.status()).state === good, 'trusted again')
    const lines = child.said.at(-1)?.lines?.filter(({ text }) => /cannot be read: the limit of open files is used up; raise it: ulimit -n/.test(text))
    t.equal(lines?.length, 1, 'one line says how to mend it')
  })
}

test('a new directory without descriptors does not block the process: it is polled', onPosix, async t => {
  const f = folder(t, { 'page.html': 'one' })
  const child = startChild(t, { root: f.path, wrapper })
  await child.ready()
  await child.status('take')
  f.write('made/page.html', 'one')
  await until(async () => (await child.status()).reason?.includes('the limit of open files is used up'), 'an answer')
  await child.status('release')
  await child.reported(f.at('made/page.html'), 'one')
})
