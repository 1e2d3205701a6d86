// Listens to the console, to errors nobody caught, to what could not be loaded, and to what a policy forbade.
import type { LogMessage } from '../../../types/message.js'
import { clean, format, text } from './format.js'

type Level = LogMessage['level']

const METHODS = { error: 'error', warn: 'warn', info: 'info', log: 'info', debug: 'debug' } as const
/** Begins what we say ourselves. */
const OURS = '[live-reload]'

/** `isOurs`: an address of our own routes, of which nothing is told: to tell it may fail as well. */
export function capture (levels: readonly string[], isOurs: (url: string) => boolean, tell: (level: Level, text: string) => void): void {
  let busy = false

  // What is looked at may log itself.
  function hear (level: Level, read: () => string) {
    if (busy || !levels.includes(level)) return
    busy = true
    try {
      tell(level, clean(read()))
    } catch {}
    busy = false
  }

  for (const [name, level] of Object.entries(METHODS) as [keyof typeof METHODS, Level][]) {
    const own = console[name]
    if (levels.includes(level)) {
      console[name] = (...values: unknown[]) => {
        const [first] = values
        if (typeof first !== 'string' || !first.startsWith(OURS)) hear(level, () => format(values))
        Reflect.apply(own, console, values)
      }
    }
  }

  addEventListener('error', event => {
    const { target } = event
    if (target instanceof Element) {
      const { src, href = src } = target as { src?: string, href?: string }
      hear('error', () => `could not load <${target.localName}> ${String(href)}`)
    } else {
      const { error, message, filename, lineno, colno } = event
      hear('error', () => error ? `Uncaught ${text(error)}` : `${message} (${filename}:${lineno}:${colno})`)
    }
  }, true)
  addEventListener('unhandledrejection', ({ reason }) => hear('error', () => `Uncaught (in promise) ${text(reason)}`))
  addEventListener('securitypolicyviolation', ({ blockedURI, disposition, effectiveDirective, sourceFile, lineNumber, columnNumber }) => {
    if (isOurs(blockedURI)) return
    const [level, verb] = disposition === 'report' ? ['warn', 'would forbid'] as const : ['error', 'forbids'] as const
    hear(level, () => `the policy ${verb} ${blockedURI} (${effectiveDirective})${sourceFile ? ` at ${sourceFile}:${lineNumber}:${columnNumber}` : ''}`)
  })
}
