// Shards that are built on this machine, because nobody else does.
import { getEventListeners } from 'node:events'
import { test } from 'tap'
import type { Shard, ShardJob, ShardOutcome, ShardRunner } from '../../../types/shards.js'
import { Here } from '../../../lib/entries/distributed/coordinator/here.js'
import { contextOf } from '../../builds/builders/conformance.js'

const shard = (id: string): Shard => ({ id, pages: [], key: id, estimatedMs: 1 })
const outcomeOf = (one: Shard) => ({ shard: one }) as ShardOutcome

test('a shard that is added when the others have ended is built, too', async t => {
  const built: string[] = []
  const local: ShardRunner = { name: 'local', async * run (shards) { for (const one of shards) yield outcomeOf(one) } }
  let whenDone = (): void => {}
  const here = new Here({ local, job: {} as ShardJob, context: contextOf() }, ({ shard: { id } }) => { built.push(id); whenDone() }, error => t.fail(String(error)))
  for (const id of ['a', 'b', 'c']) {
    const done = new Promise<void>(resolve => { whenDone = resolve })
    here.add([shard(id)], 'no worker')
    await done
  }
  t.strictSame(built, ['a', 'b', 'c'])
  await here.stop()
})

test('a runner that cannot start is told, and ends nothing else', async t => {
  const local: ShardRunner = { name: 'local', run () { throw new Error('ENOSPC: no space left on device') } }
  const failed = new Promise(resolve => {
    const here = new Here({ local, job: {} as ShardJob, context: contextOf() }, () => t.fail('nothing was built'), resolve)
    here.add([shard('a')], 'no worker')
  })
  t.match(await failed, /ENOSPC/)
})

test('an abort of the build ends what runs here, and nothing is left on its signal', async t => {
  const { any } = AbortSignal
  t.teardown(() => { AbortSignal.any = any })
  // Signals that it makes are never freed by some versions of Node.js 20.
  AbortSignal.any = () => { throw new Error('AbortSignal.any is used') }
  const seen: AbortSignal[] = []
  let whenSeen = (): void => {}
  const local: ShardRunner = {
    name: 'local',
    async * run (_shards, _job, { signal }) {
      seen.push(signal)
      whenSeen()
      if (!signal.aborted) await new Promise(resolve => { signal.addEventListener('abort', resolve) })
    }
  }
  const stop = new AbortController()
  const start = async () => {
    const isSeen = new Promise<void>(resolve => { whenSeen = resolve })
    const here = new Here({ local, job: {} as ShardJob, context: contextOf(stop.signal) }, () => t.fail('nothing was built'), error => t.fail(String(error)))
    here.add([shard('a')], 'no worker')
    await isSeen
    return here
  }
  const done = await start()
  await done.stop()
  t.match(seen[0]?.reason, /the other shards are not needed/)
  t.equal(getEventListeners(stop.signal, 'abort').length, 0)
  const stale = await start()
  stop.abort(new Error('stale'))
  t.match(seen[1]?.reason, /stale/)
  await stale.stop()
  await (await start()).stop()
  t.match(seen[2]?.reason, /stale/, 'one that begins after the abort')
})
