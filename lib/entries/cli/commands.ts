// All commands, in the order of the help.
import { buildCommand } from './build/build.js'
import { workerCommand } from './worker/worker.js'
import type { Command } from './command.js'

export const COMMANDS: readonly Command[] = [buildCommand, workerCommand]
