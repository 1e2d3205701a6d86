// The smallest blueprint as a person takes it. The others are in test/system, since they take longer.
import { test } from 'tap'
import { make, makeLinked, script, seeReload } from '../../../support/new-app.js'

test('minimal', async t => {
  const app = await make(t)
  await seeReload(t, app, { file: 'public/index.html', from: 'and save it', to: 'and see it' })
})

test('minimal in TypeScript', async t => {
  const app = await makeLinked(t, '--ts')
  script(t, app, 'types')
  await seeReload(t, app, { file: 'public/index.html', from: 'and save it', to: 'and see it' })
})
