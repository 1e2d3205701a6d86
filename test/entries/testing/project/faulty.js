// Of the suites of the test kit, for each fault the test that has to find it.
import { BACKEND_FAULTS } from './backend-faults.js'
import { makeBackend } from './backend.js'
import { BUILDER_FAULTS } from './builder-faults.js'
import { makeBuilder } from './builder.js'

/** With the functions of the test kit. `mark`: a file that is not there yet. */
export function define (test, { testBackend, testBuilder }, mark) {
  for (const [name, { fails, timeout = 20_000, change }] of Object.entries(BUILDER_FAULTS)) {
    const make = behaviour => {
      const builder = makeBuilder(behaviour, mark)
      return { ...builder, ...change(builder, behaviour) }
    }
    testBuilder(name, { make, mark, timeout, without: ['late-throw'] }, only(`${name}: ${fails}`, test))
  }
  for (const [name, { fails, timeout = 10_000, change }] of Object.entries(BACKEND_FAULTS)) {
    const make = () => {
      const backend = makeBackend()
      return { ...backend, ...change(backend) }
    }
    testBackend(name, { make, timeout }, only(`${name}: ${fails}`, test))
  }
}

function only (title, test) {
  return { test: (each, run) => { if (each === title) test(each, run) } }
}
