// `client.forwardConsole`: which lines of the page's console are written to the server's log.
import { check, oneOf } from './check.js'
import type { LogMessage } from '../../types/message.js'

export type Level = LogMessage['level']

const EXPECTED = "true, false or a list of 'error', 'warn', 'info' and 'debug'"
const LEVELS = ['error', 'warn', 'info', 'debug'] as const
const isLevel = oneOf(...LEVELS)
const isList = (value: unknown): value is Level[] => Array.isArray(value) && value.every(isLevel)

/** None: nothing is forwarded. @throws FST_LIVE_RELOAD_INVALID_OPTION */
export function parseConsole (raw: unknown): readonly Level[] {
  if (raw === undefined || raw === false) return []
  if (raw === true) return ['error', 'warn']
  const given = check('client.forwardConsole', raw, EXPECTED, isList)
  return LEVELS.filter(level => given.includes(level))
}
