// `client.css`, `images`, `morph` and `scope`: what a change may become instead of a reload, and for whom. The server decides by them.
import { check, fields, isBoolean, oneOf } from '../check.js'

export interface UpdateSettings {
  readonly css: boolean
  readonly images: boolean
  readonly morph: boolean
  readonly scope: 'affected' | 'all'
}

export const UPDATE_OPTIONS = ['css', 'images', 'morph', 'scope'] as const

/** @throws FST_LIVE_RELOAD_INVALID_OPTION */
export function parseUpdate (raw: unknown): UpdateSettings {
  const given = fields('client', raw ?? {})
  const flag = (name: string, preset: boolean) => check(`client.${name}`, given[name] ?? preset, 'true or false', isBoolean)
  return {
    css: flag('css', true),
    images: flag('images', true),
    morph: flag('morph', false),
    scope: check('client.scope', given.scope ?? 'affected', "'affected' or 'all'", oneOf('affected', 'all'))
  }
}
