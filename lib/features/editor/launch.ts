// Starts the editor through `launch-editor`, in a process of its own: it blocks while it looks for editors, prints, and keeps its parent alive.
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import type { FastifyBaseLogger } from 'fastify'
import type { Place } from './location.js'

/** Opens a place. Settles when the editor was started or has failed, rejects when not even a process could be made. */
export type Launch = (place: Place, editor: string | undefined, log: FastifyBaseLogger) => Promise<void>

// Says '' when the editor was started and why when it failed. Editors that run on are not watched for longer than ten seconds.
const HELPER = `
const [, library, place, editor] = process.argv
const say = (text, done = () => {}) => process.connected ? process.send(text, done) : done()
const fail = why => say(why || 'no editor was found; set the option \`editor\` or the environment variable LAUNCH_EDITOR', () => process.exit())
console.log = () => {}
process.on('uncaughtException', error => fail(error.message))
require(library)(place, editor || undefined, (file, why) => fail(why))
say('')
setTimeout(() => process.exit(), 10000).unref()
`

export const launch: Launch = ({ file, line, column }, editor, log) => new Promise(resolve => {
  const fail = (why: string): void => log.warn(`could not open ${printable(file)} in an editor: ${printable(why)}`)
  const library = createRequire(import.meta.url).resolve('launch-editor')
  // Options of this process (inspectors, loaders) are not meant for an editor.
  const { NODE_OPTIONS, ...env } = process.env
  // Position always given: of a name such as `a:5` the library would take the end for a line.
  const child = spawn(process.execPath, ['-e', HELPER, '--', library, `${file}:${line}:${column}`, editor ?? ''], {
    env,
    detached: true,
    windowsHide: true,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc']
  })
  child.unref()
  child.channel?.unref()
  child.on('message', message => {
    if (message !== '') fail(String(message))
    resolve()
  })
  child.on('error', error => fail(error.message))
  child.on('close', () => resolve())
})

// Names of files and what programs say reach a terminal here.
function printable (text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, c => `\\u${(c.codePointAt(0) as number).toString(16).padStart(4, '0')}`).slice(0, 500)
}
