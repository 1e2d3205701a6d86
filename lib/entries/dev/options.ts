// The options of `listen()`, checked.
import { errors, show } from '../../errors.js'
import { check, fields, flag, known, matching, oneOf } from '../../options/check.js'

/** How `listen()` starts an app. */
export interface ListenOptions {
  /**
   * Tried in this order; when all of them are taken, a free one. 0 is a free one.
   * The environment variable `PORT` wins over them, and does not move: an error says who has it.
   * @default [3141, 2718, 1618]
   */
  ports?: number | readonly number[]
  /** An address or a name of this machine; `0.0.0.0` and `::` are all of its addresses. @default 'localhost' */
  host?: string
  /**
   * `auto`: the app has to serve TLS, and `listen()` rejects when it was made without.
   * A certificate of `devCertificate()` is renewed and exchanged in any case.
   * @default TLS if the app was made with it
   */
  https?: 'auto'
  /**
   * Opens the browser, once: not when a watcher restarts the server, and not beside a tab that is open. `true` is `/`.
   * Needs the package `open`. Never in production, in CI, and with `BROWSER=none`.
   * @default false
   */
  open?: boolean | string
  /** Shows a QR code of the first URL for other machines. Needs the package `uqr`. @default false */
  qr?: boolean
}

export interface ListenSettings {
  readonly ports: readonly number[]
  /** The port is that of the environment, and may not move. */
  readonly isFixed: boolean
  readonly host: string
  /** It has to be TLS. */
  readonly https: boolean
  /** The path to open. */
  readonly open: string | undefined
  readonly qr: boolean
}

/** Digits of pi, e and the golden ratio: numbers that no other tool begins with. */
const PORTS = [3141, 2718, 1618]
const A_PORT = 'a whole number from 0 to 65535'

/** @throws FST_LIVE_RELOAD_INVALID_OPTION, FST_LIVE_RELOAD_UNKNOWN_OPTION */
export function parseListen (raw: unknown, env: NodeJS.ProcessEnv = process.env): ListenSettings {
  const given = fields('listen(app, options)', raw)
  known('listen.', given, ['ports', 'host', 'https', 'open', 'qr'])
  const ports = parsePorts(given.ports)
  const fixed = parseFixed(env.PORT)
  return {
    ports: fixed === undefined ? ports : [fixed],
    isFixed: fixed !== undefined,
    host: given.host === undefined ? 'localhost' : check('listen.host', given.host, 'an address or a name of this machine', matching(/^[\w.:%-]+$/)),
    https: given.https !== undefined && check('listen.https', given.https, '\'auto\'', oneOf('auto')) === 'auto',
    open: parseOpen(given.open, env),
    qr: flag('listen.qr', given.qr, false)
  }
}

function parsePorts (value: unknown): readonly number[] {
  if (value === undefined) return PORTS
  if (!Array.isArray(value)) return [check('listen.ports', value, `${A_PORT}, or several of them`, isPort)]
  if (value.length === 0) throw new errors.FST_LIVE_RELOAD_INVALID_OPTION('listen.ports', 'at least one port; leave it out for the default', show(value))
  return value.map((port, index) => check(`listen.ports[${index}]`, port, A_PORT, isPort))
}

/** An empty variable counts as none, as `PORT= npm start` means it. */
function parseFixed (text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined
  return check('PORT (environment)', /^\d{1,5}$/.test(text) ? Number(text) : text, A_PORT, isPort)
}

/** Other tools know the same word of the variable BROWSER; nobody looks at the browser of a CI. */
function parseOpen (value: unknown, env: NodeJS.ProcessEnv): string | undefined {
  const path = typeof value === 'boolean' || value === undefined ? '/' : check('listen.open', value, 'true, false, or a path that begins with /', matching(/^\/(?!\/)/))
  const isUnwanted = env.BROWSER === 'none' || !['', 'false', undefined].includes(env.CI)
  return value === undefined || value === false || isUnwanted ? undefined : path
}

function isPort (value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 65_535
}
