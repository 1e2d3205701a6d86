// Captures console calls, uncaught errors, resources that could not be loaded, and violations of the content security policy.
import type { LogMessage } from '../../../types/message.js'
import { clean, format, formatValue } from './format.js'

type Level = LogMessage['level']

const METHODS = { error: 'error', warn: 'warn', info: 'info', log: 'info', debug: 'debug' } as const
/** Lines of our own begin with this and are not captured. */
const OWN_PREFIX = '[live-reload]'

/** `isOwn`: an address of our own routes. Its violations are ignored, as reporting them would violate the policy again. */
export function capture (levels: readonly string[], isOwn: (url: string) => boolean, onLine: (level: Level, text: string) => void): void {
  let busy = false

  /** `read` runs code of the page (getters), which may log again: `busy` ends the recursion. */
  function record (level: Level, read: () => string) {
    if (busy || !levels.includes(level)) return
    busy = true
    try {
      onLine(level, clean(read()))
    } catch {}
    busy = false
  }

  for (const [name, level] of Object.entries(METHODS) as [keyof typeof METHODS, Level][]) {
    const original = console[name]
    if (levels.includes(level)) {
      console[name] = (...values: unknown[]) => {
        const [first] = values
        if (typeof first !== 'string' || !first.startsWith(OWN_PREFIX)) record(level, () => format(values))
        Reflect.apply(original, console, values)
      }
    }
  }

  addEventListener('error', event => {
    const { target } = event
    if (target instanceof Element) {
      const { src, href = src } = target as { src?: string, href?: string }
      record('error', () => `could not load <${target.localName}> ${String(href)}`)
    } else {
      const { error, message, filename, lineno, colno } = event
      record('error', () => error ? `Uncaught ${formatValue(error)}` : `${message} (${filename}:${lineno}:${colno})`)
    }
  }, true)
  addEventListener('unhandledrejection', ({ reason }) => record('error', () => `Uncaught (in promise) ${formatValue(reason)}`))
  addEventListener('securitypolicyviolation', ({ blockedURI, disposition, effectiveDirective, sourceFile, lineNumber, columnNumber }) => {
    if (isOwn(blockedURI)) return
    const [level, verb] = disposition === 'report' ? ['warn', 'would forbid'] as const : ['error', 'forbids'] as const
    record(level, () => `the policy ${verb} ${blockedURI} (${effectiveDirective})${sourceFile ? ` at ${sourceFile}:${lineNumber}:${columnNumber}` : ''}`)
  })
}
