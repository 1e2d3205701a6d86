// What a feature is: a Fastify plugin that gets the public object and the settings. Where it says what went wrong.
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import type { LiveReload } from '../../types/live-reload.js'
import type { Settings } from '../options/settings.js'
import { clip, stripTerminal } from './text.js'

export interface FeatureOptions {
  readonly live: LiveReload
  readonly settings: Settings
}

const MAX_CHARACTERS = 4000
const MAX_CAUSES = 5
const quiet = (): void => {}

/** False for `Fastify()` without a logger, whose `app.log` does nothing. */
export function hasLogger ({ log }: FastifyInstance): boolean {
  return log.level !== undefined
}

/** The log of the plugin. Where the app has none, warnings and errors go to stderr: a failure that nobody can see costs hours. */
export function logOf (app: FastifyInstance): FastifyBaseLogger {
  return hasLogger(app) ? app.log.child({ plugin: 'fastify-live-reload' }) : STDERR
}

/** With its causes, as loggers write it: often they alone say what to mend. */
function describe (err: unknown, depth = 0): string {
  if (!(err instanceof Error)) return String(err)
  const text = err.stack ?? err.message
  return err.cause === undefined || depth === MAX_CAUSES ? text : `${text}\ncaused by: ${describe(err.cause, depth + 1)}`
}

function write (data: unknown, message?: string): void {
  const { err } = Object(data) as { err?: unknown }
  const text = [typeof data === 'string' ? data : String(message), err === undefined ? '' : describe(err)].filter(part => part !== '').join('\n')
  // Unlike `process.stderr.write`, it ignores that nobody reads.
  console.error(`live reload: ${clip(stripTerminal(text.replace(/^live reload: /, '')), MAX_CHARACTERS)}`)
}

const STDERR = { level: 'warn', fatal: write, error: write, warn: write, info: quiet, debug: quiet, trace: quiet, silent: quiet, child: (): FastifyBaseLogger => STDERR } as FastifyBaseLogger
