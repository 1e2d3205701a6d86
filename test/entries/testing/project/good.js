// The suites of the test kit, for a builder and a backend without faults.
import { makeBackend } from './backend.js'
import { makeBuilder } from './builder.js'

/** With the functions of the test kit. `mark`: a file that is not there yet. */
export function define (test, { testBackend, testBuilder }, mark) {
  testBuilder('builder', { make: behaviour => makeBuilder(behaviour, mark), mark, without: ['late-throw'] }, { test })
  testBackend('backend', { make: makeBackend }, { test })
}
