// `client.css`, `images` and `scope`: what a change may become instead of a reload, and for whom. The server decides by them.
import { check, fields, isBoolean, oneOf } from './check.js'

export interface UpdateSettings {
  readonly css: boolean
  readonly images: boolean
  readonly scope: 'affected' | 'all'
}

export const UPDATE_OPTIONS = ['css', 'images', 'scope'] as const

/** @throws FST_LIVE_RELOAD_INVALID_OPTION */
export function parseUpdate (raw: unknown): UpdateSettings {
  const given = fields('client', raw ?? {})
  const flag = (name: string) => check(`client.${name}`, given[name] ?? true, 'true or false', isBoolean)
  return {
    css: flag('css'),
    images: flag('images'),
    scope: check('client.scope', given.scope ?? 'affected', "'affected' or 'all'", oneOf('affected', 'all'))
  }
}
