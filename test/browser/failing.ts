// What a broken build says, for the cases of the overlay.
import type { Diagnostic } from '../../types/build.js'
import type { BuildMessage } from '../../types/message.js'

export const FRAME = `   9 |
  10 | export function render (page: Page) {
> 11 |   return page.titel.trim()
     |               ^
  12 | }
  13 | `

export const ERROR: Diagnostic = {
  severity: 'error',
  message: "Property 'titel' does not exist on type 'Page'. Did you mean 'title'?",
  file: 'src/page.ts',
  line: 11,
  column: 15,
  frame: FRAME
}

export const WARNING: Diagnostic = { severity: 'warning', message: 'This import is never used', file: 'src/menu.ts', line: 3, column: 1 }

export function failed (diagnostics: readonly Diagnostic[] = [ERROR], name = 'docs'): BuildMessage {
  return { type: 'build', state: 'failed', name, diagnostics }
}

export const ok = (name = 'docs'): BuildMessage => ({ type: 'build', state: 'ok', name, ms: 240 })
export const started = (name = 'docs'): BuildMessage => ({ type: 'build', state: 'started', name })
