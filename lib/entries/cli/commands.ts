// All commands, in the order of the help.
import { buildCommand } from './build/build.js'
import { newCommand } from './new/new.js'
import { buildNowCommand } from './server/build-now.js'
import { reloadCommand } from './server/reload.js'
import { statusCommand } from './server/status.js'
import { workerCommand } from './worker/worker.js'
import type { Command } from './command.js'

export const COMMANDS: readonly Command[] = [newCommand, buildCommand, workerCommand, reloadCommand, buildNowCommand, statusCommand]
