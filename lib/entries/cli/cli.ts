#!/usr/bin/env node
// The program `fastify-live-reload`.
import { COMMANDS } from './commands.js'
import { main } from './main.js'

const code = await main(process.argv.slice(2), COMMANDS)
// What a config module left open, such as a timer or a connection, must not keep the program alive. What was written has to reach a pipe first.
process.stdout.write('', () => process.stderr.write('', () => process.exit(code)))
