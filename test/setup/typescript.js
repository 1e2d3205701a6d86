// Lets Node run the TypeScript of the tests and of lib: package.json names it as an `--import` of every test process.
import { register } from 'node:module'

// Children of a test inherit its arguments, but may start in another directory.
process.execArgv = process.execArgv.map(argument => argument === '--import=./test/setup/typescript.js' ? `--import=${import.meta.url}` : argument)

register('./typescript-hooks.js', import.meta.url)
