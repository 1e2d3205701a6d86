// `client`: settings that the page receives, settings that it needs before it connects, and settings of the server.
import type { ClientSettings, Corner, LogMessage } from '../../types/message.js'
import { check, choice, fields, flag, integer, known, oneOf } from './check.js'
import type { ConnectSettings, UpdateSettings } from './settings.js'
import { TRANSPORTS } from './transports.js'

type Level = LogMessage['level']

const CLIENT = [
  'debounce', 'hidden', 'transport', 'fallbackTimeout', 'overlay', 'badge', 'preserve', 'serviceWorker', 'morph', 'forwardConsole', 'serverLog', 'css', 'images', 'scope'
]
const LEVELS = ['error', 'warn', 'info', 'debug'] as const
const isLevel = oneOf(...LEVELS)
const isLevels = (v: unknown): v is Level[] => Array.isArray(v) && v.every(isLevel)

/** `editor`: the server opens files in an editor. */
export function parseClient (raw: unknown, editor: boolean): { readonly client: ClientSettings, readonly connect: ConnectSettings, readonly update: UpdateSettings } {
  const given = fields('client', raw)
  known('client.', given, CLIENT)
  return {
    client: {
      debounce: integer('client.debounce', given.debounce, 0, 0, 60_000),
      hidden: choice('client.hidden', given.hidden, 'wait', 'reload'),
      overlay: flag('client.overlay', given.overlay, true),
      badge: parseBadge(given.badge),
      preserve: flag('client.preserve', given.preserve, true),
      serviceWorker: choice('client.serviceWorker', given.serviceWorker, 'warn', 'bypass'),
      morph: flag('client.morph', given.morph, false),
      editor
    },
    connect: {
      transport: choice('client.transport', given.transport, 'auto', ...TRANSPORTS),
      fallbackTimeout: integer('client.fallbackTimeout', given.fallbackTimeout, 3000, 100, 60_000),
      console: parseLevels(given.forwardConsole),
      serverLog: given.serverLog === undefined || given.serverLog === false ? false : check('client.serverLog', given.serverLog, "false, 'error', 'warn', 'info' or 'debug'", isLevel)
    },
    update: {
      css: flag('client.css', given.css, true),
      images: flag('client.images', given.images, true),
      scope: choice('client.scope', given.scope, 'affected', 'all')
    }
  }
}

function parseBadge (raw: unknown = true): ClientSettings['badge'] {
  if (raw === false) return false
  const given = fields('client.badge', raw === true ? {} : raw, 'true, false or { position? }')
  known('client.badge.', given, ['position'])
  return { position: choice<Corner>('client.badge.position', given.position, 'bottom-right', 'bottom-left', 'top-right', 'top-left') }
}

/** An empty list: nothing is forwarded. */
function parseLevels (raw: unknown = false): readonly Level[] {
  if (raw === false) return []
  if (raw === true) return ['error', 'warn']
  const given = check('client.forwardConsole', raw, "true, false or a list of 'error', 'warn', 'info' and 'debug'", isLevels)
  return LEVELS.filter(level => given.includes(level))
}
