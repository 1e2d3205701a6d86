// Which changes belong to the build whose hooks run, and which are a reason for another. Step by step.
import { test } from 'tap'
import { createIntake } from '../../../lib/builds/scheduler/hook-window.js'

function setUp () {
  const told: string[] = []
  let timer: (() => void) | undefined
  let found: string[] = []
  let during = () => {}
  const intake = createIntake({
    async look () {
      during()
      if (found.length > 0) intake.changed(found.splice(0))
    },
    absorb: paths => { if (paths.length > 0) told.push(`absorb ${paths.join()}`) },
    build: paths => { told.push(`build ${paths.join()}`) }
  }, {
    after (_ms, run) {
      timer = run
      return () => { timer = undefined }
    }
  })
  return {
    intake,
    told,
    /** On disk, and nobody told. */
    write: (...paths: string[]) => { found = paths },
    whileLooking: (run: () => void) => { during = run },
    waits: () => timer !== undefined,
    pass: () => timer?.()
  }
}

test('without hooks a change is a reason to build', async t => {
  const { intake, told } = setUp()
  intake.changed(['a'])
  intake.ended()
  t.strictSame(told, ['build a'])
})

test('while hooks run changes are held, those told and those only on disk', async t => {
  const { intake, told, write, waits } = setUp()
  const hold = intake.open()
  t.strictSame(await hold.look(), [], 'nothing yet')
  intake.changed(['a'])
  intake.changed(['a', 'b'])
  t.equal(waits(), true)
  write('c')
  t.strictSame(await hold.look(), ['a', 'b', 'c'])
  t.equal(waits(), false, 'they have been seen')
  t.strictSame(await hold.look(), [], 'once')
  hold.close([])
  intake.changed(['d'])
  t.strictSame(told, ['absorb a,b,c', 'build d'], 'from here on a change makes the build stale')
  intake.ended()
  t.equal(told.length, 2)
})

test('what no hook has seen is built when the build has ended, and only once', async t => {
  const { intake, told, waits } = setUp()
  const hold = intake.open()
  intake.changed(['between'])
  hold.close(['stamp'])
  t.equal(waits(), false)
  t.strictSame(told, [])
  intake.ended()
  intake.ended()
  t.strictSame(told, ['build stamp,between'])
})

test('a build that ends within its hooks leaves nothing unbuilt', async t => {
  const { intake, told, write, waits } = setUp()
  const hold = intake.open()
  intake.changed(['a'])
  intake.ended()
  t.strictSame(told, ['build a'])
  t.equal(waits(), false)
  write('b')
  t.strictSame(await hold.look(), [], 'the stale build takes nothing')
  hold.close(['c'])
  intake.ended()
  t.strictSame(told, ['build a', 'build b'])
})

test('a stale look leaves the changes of the newer build alone', async t => {
  const { intake, told, whileLooking } = setUp()
  const stale = intake.open()
  let newer = stale
  whileLooking(() => {
    intake.ended()
    newer = intake.open()
    intake.changed(['a'])
    whileLooking(() => {})
  })
  t.strictSame(await stale.look(), [])
  stale.close([])
  t.strictSame(await newer.look(), ['a'])
  t.strictSame(told, ['absorb a'])
})

test('a hook that goes on after a change is stale', async t => {
  const { intake, told, pass } = setUp()
  const hold = intake.open()
  intake.changed(['a'])
  pass()
  intake.changed(['b'])
  t.strictSame(told, ['build a', 'build b'])
  t.strictSame(await hold.look(), [])
  hold.close([])
  intake.ended()
  t.equal(told.length, 2)
})
