// The suite of the test kit, under tap.
import { test } from 'tap'
import { testBuilder as run, type BuilderSubject } from '../../../lib/entries/testing/builder.js'

export { contextOf, requestOf, type Behaviour, type Listening } from '../../../lib/entries/testing/builder.js'

export function testBuilder (name: string, subject: BuilderSubject): void {
  run(name, subject, { test })
}
