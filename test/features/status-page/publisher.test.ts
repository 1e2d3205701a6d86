import { test } from 'tap'
import { createLive } from '../../../lib/features/status-page/publisher.js'
import { until } from '../../support/wait.js'

test('told at once, soon after news, now and then anyway, and never to nobody', async t => {
  let watched = false
  const times: number[] = []
  const live = createLive({ watched: () => watched, tell: () => times.push(performance.now()) })
  t.teardown(live.close)
  live.news()
  live.now()
  t.equal(times.length, 0, 'nobody looks')
  watched = true
  live.now()
  t.equal(times.length, 1, 'at once')
  for (let i = 0; i < 100; i++) live.news()
  await until(() => times.length === 2, 'news')
  const [first = 0, second = 0] = times
  t.ok(second - first >= 90, 'a burst is one picture')
  await until(() => times.length === 3, 'anyway')
  t.ok((times[2] as number) - second >= 1900, 'now and then')
  watched = false
  live.news()
  let ticks = 0
  const clock = createLive({ watched: () => true, tell: () => ticks++ })
  t.teardown(clock.close)
  clock.now()
  await until(() => {
    clock.news()
    live.news()
    return ticks === 4
  }, 'a while')
  t.equal(times.length, 3, 'nobody looks any more: no timer runs')
})
