// What happens when the system has nothing left to watch with. Linux has the limits, and namespaces to lower them in without root.
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { test, type Test } from 'tap'
import { folder } from '../support/folder.js'
import { onLinux } from '../support/system.js'
import { times } from '../support/times.js'
import { until } from '../support/wait.js'
import { startChild } from '../watch/child-watch.js'

/** 30,000 files take a while. */
const RUNS = times(1, 20)

/** Runs a watch in a shell that lowered a limit first. */
function start (t: Test, before: string, root: string, backend = 'auto') {
  return startChild(t, { root, backend, wrapper: ['unshare', '-Ur', 'sh', '-c', `${before} && exec "$@"`, 'sh'] })
}

const some = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`d${i}/page.html`, 'one']))

const cases: Record<string, { before: string, says: RegExp }> = {
  'no inotify instance': { before: 'echo 0 > /proc/sys/user/max_inotify_instances', says: /fs\.inotify\.max_user_instances.*sysctl/ },
  'no watches': { before: 'echo 0 > /proc/sys/user/max_inotify_watches', says: /fs\.inotify\.max_user_watches.*sysctl/ },
  'too few watches': { before: 'echo 20 > /proc/sys/user/max_inotify_watches', says: /fs\.inotify\.max_user_watches.*sysctl/ },
  'few file descriptors': { before: 'ulimit -n 256; export TEST_SPARE_DESCRIPTORS=12', says: /open files.*ulimit -n/ }
}

test('limits', onLinux, async t => {
  const { status, stderr } = spawnSync('unshare', ['-Ur', 'sh', '-c', 'echo 1000 > /proc/sys/user/max_inotify_watches'], { encoding: 'utf8' })
  if (status !== 0) return t.fail(`these tests need user namespaces (sysctl kernel.unprivileged_userns_clone=1, kernel.apparmor_restrict_unprivileged_userns=0): ${stderr}`)

  for (const [name, { before, says }] of Object.entries(cases)) {
    t.test(name, async t => {
      const f = folder(t, some)
      const child = start(t, before, f.path)
      const { ready, status, lines } = await child.ready()
      t.ok(ready as number < 5000, 'ready within 5 s')
      t.equal(status?.state, 'polling')
      t.match(status?.reason, says)
      t.equal(lines?.filter(({ text }) => says.test(text)).length, 1, 'one line says so')
      await child.reported(f.write('d3/page.html', 'two'), 'two')
      await child.reported(f.write('d31/new/page.html', 'three'), 'three')
    })

    t.test(`${name}, native was asked for`, async t => {
      const f = folder(t, some)
      const child = start(t, before, f.path, 'native')
      const { ready, status, lines } = await child.ready()
      t.ok(ready as number < 5000, 'ready within 5 s')
      t.equal(status?.state, 'failed')
      t.match(status?.reason, says)
      t.equal(lines?.length, 1)
    })
  }

  t.test('one instance is enough', async t => {
    const f = folder(t, some)
    const child = start(t, 'echo 1 > /proc/sys/user/max_inotify_instances', f.path)
    t.equal((await child.ready()).status?.state, 'ok')
    t.equal(await child.end(), 0, 'nothing keeps the process once it is closed')
  })

  t.test('watches used up later', async t => {
    const f = folder(t, some)
    const child = start(t, 'echo 45 > /proc/sys/user/max_inotify_watches', f.path)
    t.equal((await child.ready()).status?.state, 'ok')
    for (let i = 30; i < 60; i++) f.write(`d${i}/page.html`, 'one')
    await until(async () => (await child.status()).state === 'polling', 'polling')
    t.match((await child.status()).reason, /max_user_watches/)
    for (let i = 30; i < 60; i++) f.write(`d${i}/page.html`, 'two')
    for (let i = 30; i < 60; i++) await child.reported(f.at(`d${i}/page.html`), 'two')
  })

  for (const backend of ['auto', 'poll']) {
    t.test(`backend ${backend}: 30,000 files made while the process is stopped overflow the system's queue, and all are reported, ${RUNS} of ${RUNS}`, async t => {
      for (let run = 0; run < RUNS; run++) {
        await t.test(`run ${run + 1}`, async t => {
          const f = folder(t, some)
          const child = start(t, 'true', f.path, backend)
          await child.ready()
          child.child.kill('SIGSTOP')
          for (let i = 0; i < 100; i++) mkdirSync(f.at(`many/${i}`), { recursive: true })
          for (let i = 0; i < 30_000; i++) writeFileSync(f.at(`many/${i % 100}/f${i}`), 'x')
          child.child.kill('SIGCONT')
          await until(async () => (await child.status()).files === 30_030, 'all in the index', 30_000)
          const count = () => child.said.reduce((sum, each) => sum + (each.count ?? 0), 0)
          await until(() => count() === 30_000, 'all told')
          await child.reported(f.write('many/77/f29977', 'later'), 'later')
        })
      }
    })
  }
})
