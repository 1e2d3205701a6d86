// What waits to be shown, and that a click is never lost.
import { mock } from 'node:test'
import { test, type Test } from 'tap'
import { type ReloadRequest, UpdateQueue } from '../../lib/browser/reload/update-queue.js'
import type { ChangeMessage, ClientSettings } from '../../types/message.js'

const change = (seq: number): ChangeMessage => ({ type: 'reload', seq })
const clicked: ReloadRequest = { messages: [change(2)], receivedAt: 0, tries: 1, isForced: true }

interface Bench {
  readonly queue: UpdateQueue
  /** What was applied: numbers of the changes, tries, and `forced`. */
  readonly applied: string[]
  /** Called with each request; what it returns is tried again. */
  apply: (request: ReloadRequest, isWanted: () => boolean) => Promise<ReloadRequest | void> | void
  settings: { -readonly [K in keyof ClientSettings]?: ClientSettings[K] }
  page: { hidden: boolean }
  /** Lets this much time pass. */
  pass (ms: number): Promise<void>
}

/** A queue whose time stands still but for `pass()`. */
function bench (t: Test): Bench {
  mock.timers.enable({ apis: ['setTimeout', 'Date'] })
  const page = { hidden: false }
  Object.assign(globalThis, { document: page, Document: { prototype: page } })
  t.teardown(() => {
    mock.timers.reset()
    for (const name of ['document', 'Document']) Reflect.deleteProperty(globalThis, name)
  })
  const applied: string[] = []
  const bench: Bench = {
    queue: new UpdateQueue(() => bench.settings, async (request, isWanted) => {
      applied.push(`${request.messages.map(({ seq }) => seq)} try ${request.tries}${request.isForced ? ' forced' : ''}`)
      return bench.apply(request, isWanted)
    }),
    applied,
    apply: () => {},
    settings: {},
    page,
    async pass (ms) {
      mock.timers.tick(ms)
      await new Promise(resolve => { setImmediate(resolve) })
    }
  }
  return bench
}

/** The server is not ready for the first request. */
const onceNotReady = (bench: Bench, meanwhile = () => {}) => {
  bench.apply = async request => {
    bench.apply = () => {}
    meanwhile()
    return { ...request, tries: request.tries + 1 }
  }
}

const keepsTheClick: Record<string, (bench: Bench) => void> = {
  'a click': ({ queue }) => queue.schedule(clicked),
  'a change comes before it runs': ({ queue }) => {
    queue.schedule(clicked)
    queue.enqueue(change(3))
  },
  'a change that waited is replaced by it': ({ queue, settings }) => {
    settings.debounce = 100
    queue.enqueue(change(2))
    queue.schedule(clicked)
  },
  'a retry replaces it': ({ queue }) => {
    queue.schedule(clicked)
    queue.schedule({ messages: [change(2)], receivedAt: 0, tries: 3 })
  },
  'the connection is lost before it runs': ({ queue }) => {
    queue.schedule(clicked)
    queue.drop()
  },
  'the server is not ready': bench => {
    onceNotReady(bench)
    bench.queue.schedule(clicked)
  },
  'the server is not ready, and the next greeting brings a change': bench => {
    onceNotReady(bench, () => bench.queue.enqueue(change(3)))
    bench.queue.schedule(clicked)
  },
  'the server is not ready, and the connection is lost while it waits': bench => {
    onceNotReady(bench, () => setImmediate(() => bench.queue.drop()))
    bench.queue.schedule(clicked)
  }
}

for (const [name, act] of Object.entries(keepsTheClick)) {
  test(`a click is not lost: ${name}`, async t => {
    const b = bench(t)
    act(b)
    for (let i = 0; i < 5; i++) await b.pass(600)
    t.match(b.applied.at(-1), /^2(,3)? try [1-9] forced$/)
  })
}

test('a change of the same burst does not ask again whether the click is wanted', async t => {
  const { queue, applied, pass } = bench(t)
  queue.schedule(clicked)
  queue.enqueue(change(3))
  await pass(0)
  t.same(applied, ['2,3 try 1 forced'])
})

test('a click ends with the reload it asked for', async t => {
  const { queue, applied, pass } = bench(t)
  queue.schedule(clicked)
  await pass(0)
  queue.enqueue(change(3))
  await pass(0)
  t.same(applied, ['2 try 1 forced', '3 try 0'])
})

test('a page that sleeps forgets all, a click as well', async t => {
  const b = bench(t)
  b.queue.schedule(clicked)
  b.queue.clear()
  await b.pass(1000)
  t.same(b.applied, [])

  let isWanted = () => true
  b.apply = async (request, wanted) => {
    isWanted = wanted
    t.ok(isWanted())
    b.queue.clear()
    return request
  }
  b.queue.schedule(clicked)
  for (let i = 0; i < 5; i++) await b.pass(600)
  t.same(b.applied, ['2 try 1 forced'], 'what ran is not tried again')
  t.notOk(isWanted())
})

test('the next connection catches up: changes that wait are dropped, later ones are shown', async t => {
  const b = bench(t)
  b.settings.debounce = 100
  b.queue.enqueue(change(2))
  b.queue.drop()
  await b.pass(50)
  b.queue.enqueue(change(3))
  await b.pass(99)
  t.same(b.applied, [])
  await b.pass(1)
  t.same(b.applied, ['3 try 0'])
})

test('a change that comes while the server is not ready is shown at once, with what waited', async t => {
  const b = bench(t)
  onceNotReady(b, () => b.queue.enqueue(change(3)))
  b.queue.enqueue(change(2))
  await b.pass(0)
  await b.pass(0)
  t.same(b.applied, ['2 try 0', '2,3 try 1'])
})

test('a burst goes on for half a second at most', async t => {
  const b = bench(t)
  b.settings.debounce = 200
  for (let seq = 2; seq < 8; seq++) {
    b.queue.enqueue(change(seq))
    await b.pass(100)
  }
  t.same(b.applied, ['2,3,4,5,6 try 0'])
})

test('a hidden page waits, and counts from when it is shown', async t => {
  const b = bench(t)
  b.page.hidden = true
  b.queue.enqueue(change(2))
  await b.pass(5000)
  t.same(b.applied, [])
  let receivedAt = 0
  b.apply = request => { ({ receivedAt } = request) }
  b.page.hidden = false
  b.queue.onShown()
  await b.pass(0)
  t.same(b.applied, ['2 try 0'])
  t.equal(receivedAt, 5000)
})
