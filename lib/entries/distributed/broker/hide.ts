// Messages of brokers, without passwords, and fit for one line.
import { createRedact } from '../../../shared/messages/redact.js'
import { printable } from '../../../shared/text.js'
import type { BrokerSettings } from '../options.js'

const HIDDEN = '***'

/** Whatever was thrown -> one line. */
export function explainWith ({ connection, secret }: Pick<BrokerSettings, 'connection' | 'secret'>): (error: unknown) => string {
  const redact = createRedact()
  const hidden = [secret, ...passwordsOf(connection)].filter(one => one.length > 0)
  return error => {
    const { message = '', code } = Object(error) as { message?: string, code?: string }
    // An AggregateError of several addresses has no message of its own.
    const text = message !== '' ? message : code ?? String(error)
    return printable(redact.text(hidden.reduce((left, one) => left.replaceAll(one, HIDDEN), text)), 300)
  }
}

function passwordsOf (connection: BrokerSettings['connection']): string[] {
  if (typeof connection !== 'string') {
    return Object.entries(connection).flatMap(([name, value]) =>
      typeof value !== 'string' ? [] : /password$/i.test(name) ? [value] : URL.canParse(value) ? passwordsOf(value) : [])
  }
  const { password } = new URL(connection)
  return [password, decodeURIComponent(password)]
}
