// The suites of the test kit, with the functions of that, under any runner.
import { BACKEND_FAULTS } from './backend-faults.js'
import { makeBackend } from './backend.js'
import { BUILDER_FAULTS } from './builder-faults.js'
import { makeBuilder } from './builder.js'

/** Both suites, for a builder and a backend without faults. `mark`: a file that is not there yet. */
export function defineGood (test, { testBackend, testBuilder }, mark) {
  testBuilder('builder', { make: behaviour => makeBuilder(behaviour, mark), mark, without: ['late-throw'] }, { test })
  testBackend('backend', { make: makeBackend }, { test })
}

/** Of the suites, for each fault the test that has to find it. */
export function defineFaulty (test, { testBackend, testBuilder }, mark) {
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
