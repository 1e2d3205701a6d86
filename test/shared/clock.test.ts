import { test } from 'tap'
import { clock } from '../../lib/shared/clock.js'
import { manualClock } from '../support/clock.js'

test('a timer runs once, unless it is cancelled', async t => {
  const ran: string[] = []
  clock.after(1, () => ran.push('cancelled'))()
  const before = clock.now()
  await new Promise<void>(resolve => {
    clock.after(5, () => { ran.push('due'); resolve() })
    setTimeout(() => {}, 50)
  })
  t.strictSame(ran, ['due'])
  t.ok(clock.now() > before)
})

test('the manual clock runs timers in the order in which they fall due', t => {
  const manual = manualClock(100)
  const ran: string[] = []
  manual.after(20, () => ran.push(`second at ${manual.now()}`))
  manual.after(10, () => {
    ran.push(`first at ${manual.now()}`)
    manual.after(5, () => ran.push(`nested at ${manual.now()}`))
  })
  manual.after(10, () => ran.push('cancelled'))()
  manual.advance(19)
  t.strictSame(ran, ['first at 110', 'nested at 115'])
  manual.advance(1)
  t.strictSame(ran.at(-1), 'second at 120')
  manual.after(10, () => ran.push(`late at ${manual.now()}`))
  manual.skip(50)
  t.strictSame(ran.at(-1), 'second at 120', 'time that is skipped runs nothing')
  manual.advance(0)
  t.strictSame(ran.at(-1), 'late at 170')
  t.end()
})
