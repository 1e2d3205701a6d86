// Starts the editor through `launch-editor`, in a process of its own: the library blocks while it looks for editors, prints, and keeps its parent alive.
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import type { FastifyBaseLogger } from 'fastify'
import { printable } from '../../shared/text.js'
import type { SourceLocation } from './location.js'

const MAX_LOG_LENGTH = 500

/** Resolves when the editor was started, or with why it was not. Rejects when no process could be made. */
export type Launch = (location: SourceLocation, editor: string | undefined, log: FastifyBaseLogger) => Promise<string | undefined>

// Sends '' when the editor has not failed within a third of a second, or why it failed. Leaves an editor that keeps running after ten seconds.
const HELPER = `
const [, library, location, editor] = process.argv
const say = (text, done = () => {}) => process.connected ? process.send(text, done) : done()
const fail = why => say(why || 'no editor was found; set the option \`editor\` or the environment variable LAUNCH_EDITOR', () => process.exit())
console.log = () => {}
process.on('uncaughtException', error => fail(error.message))
require(library)(location, editor || undefined, (file, why) => fail(why))
setTimeout(say, 300, '')
setTimeout(() => process.exit(), 10000).unref()
`

export const launch: Launch = ({ file, line, column }, editor, log) => new Promise(resolve => {
  const fail = (why: string): void => {
    const reason = printable(why, MAX_LOG_LENGTH)
    log.warn(`could not open ${printable(file, MAX_LOG_LENGTH)} in an editor: ${reason}`)
    resolve(reason)
  }
  const library = createRequire(import.meta.url).resolve('launch-editor')
  // Node options of this process (inspectors, loaders) are not meant for an editor.
  const { NODE_OPTIONS, ...env } = process.env
  // The position is always given: the library would read a line number from a name such as `a:5`.
  const child = spawn(process.execPath, ['-e', HELPER, '--', library, `${file}:${line}:${column}`, editor ?? ''], {
    env,
    detached: true,
    windowsHide: true,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc']
  })
  child.unref()
  child.channel?.unref()
  child.on('message', message => {
    if (message === '') resolve(undefined)
    // Below `node --watch` Node itself reports, as objects, what the process loads.
    else if (typeof message === 'string') fail(message)
  })
  child.on('error', error => fail(error.message))
  child.on('close', () => resolve(undefined))
})
