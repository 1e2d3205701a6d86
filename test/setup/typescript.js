// Lets Node run the TypeScript of the tests and of lib: package.json names it as an `--import` of every test process.
import { register } from 'node:module'
import './children.js'

// Children of a test inherit its arguments. They may start in another directory, and need nothing of what tap adds for
// mocks, its own TypeScript and stacks in its reports: that takes five times as long to start as all the rest.
const TAP_ONLY = /^--enable-source-maps$|^--import=.*\/@tapjs\/(typescript|mock)\//
process.execArgv = process.execArgv
  .filter(argument => !TAP_ONLY.test(argument))
  .map(argument => argument === '--import=./test/setup/typescript.js' ? `--import=${import.meta.url}` : argument)

register('./typescript-hooks.js', import.meta.url)
