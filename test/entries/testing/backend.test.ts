// The suite for watcher backends: the library's own pass it, and it finds what is wrong with one.
import { test } from 'tap'
import { testBackend } from '../../../lib/entries/testing/backend.js'
import type { WatchBackend } from '../../../lib/watch/backends/backend.js'
import { clock } from '../../../lib/shared/clock.js'
import { createNative } from '../../../lib/watch/backends/native.js'
import { createPoll } from '../../../lib/watch/backends/poll.js'

testBackend('native', { make: () => createNative() }, { test })
testBackend('poll', { make: () => createPoll(clock), polls: true }, { test })

/** Names of the cases that a backend does not pass. */
async function failing (change: (backend: WatchBackend) => Partial<WatchBackend>): Promise<string[]> {
  const cases: { name: string, run: () => Promise<void> }[] = []
  const make = (): WatchBackend => {
    const backend: WatchBackend = createNative()
    return { ...backend, ...change(backend) }
  }
  testBackend('it', { make, timeout: 500 }, { test: (name, run) => cases.push({ name, run }) })
  const failed: string[] = []
  await Promise.all(cases.map(async ({ name, run }) => await run().catch(() => failed.push(name))))
  return failed
}

const FAULTS: Record<string, (backend: WatchBackend) => Partial<WatchBackend>> = {
  'hints at nothing': backend => ({ open: (root, _onHint, options) => backend.open(root, async () => false, options) }),
  'does not look below a directory': backend => ({ open: (root, onHint, options) => backend.open(root, async paths => await onHint(paths?.filter(path => !path.includes('deep'))), options) }),
  'names other paths': backend => ({ open: (root, onHint, options) => backend.open(root, async paths => await onHint(paths?.flatMap(path => [path, `/elsewhere${path}`])), options) }),
  'takes directories only': backend => ({ open: (root, onHint, options) => root.endsWith('.html') ? backend.open(root, async () => false, options) : backend.open(root, onHint, options) }),
  'refuses without a code': backend => ({ open: (...given) => backend.open(...given).catch(() => { throw new Error('refused') }) }),
  'goes on when it is closed': backend => ({
    open: async (...given) => {
      const handle = await backend.open(...given)
      return { async close () { setTimeout(() => { handle.close().catch(() => {}) }, 1000) } }
    }
  }),
  'cannot be closed twice': backend => ({
    open: async (...given) => {
      const handle = await backend.open(...given)
      let isClosed = false
      return { async close () { if (isClosed) throw new Error('closed'); isClosed = true; await handle.close() } }
    }
  }),
  'follows new directories in name only': backend => ({ followsNewDirectories: true, open: (root, onHint, options) => backend.open(root, async paths => await onHint(paths?.filter(path => !path.includes('made/'))), options) }),
  'opens once': backend => {
    let count = 0
    return { open: async (...given) => { if (++count > 1) throw new Error('taken'); return await backend.open(...given) } }
  }
}

for (const [fault, change] of Object.entries(FAULTS)) {
  test(`a backend that ${fault} is caught`, async t => {
    t.not((await failing(change)).length, 0)
  })
}

test('what a backend opens too late is closed', async t => {
  const cases: Record<string, () => Promise<void>> = {}
  let isClosed = false
  const slow: WatchBackend = {
    ...createNative(),
    open: async () => {
      await new Promise(resolve => setTimeout(resolve, 300))
      return { close: async () => { isClosed = true } }
    }
  }
  testBackend('it', { make: () => slow, timeout: 200 }, { test: (name, run) => { cases[name] = run } })
  await t.rejects((cases['it: watches a single file'] as () => Promise<void>)(), /not within 200 ms: open\(\)/)
  t.equal(isClosed, true)
})
