import type { LiveReloadStatus } from './status.js'
import type { ClientInfo, Transport } from './transport.js'

/**
 * How far a save has come.
 * - `waiting`: seen, its build has not begun;
 * - `building`;
 * - `held`: ready to be sent; held back by another build, or by `pause()`;
 * - `sent`: tabs received it;
 * - `failed`: its build failed, tabs keep what they show;
 * - `unchanged`: its build changed nothing that is served.
 */
export type SaveState = 'waiting' | 'building' | 'held' | 'sent' | 'failed' | 'unchanged'

/** One save, or a burst of them, and when what happened: milliseconds of the server's `performance.now()`. */
export interface Save {
  /** Counts saves. */
  readonly id: number
  /** Which watch saw it; `build`: a build that was asked for, `reload`: a reload that was. */
  readonly source: 'input' | 'output' | 'watch' | 'build' | 'reload'
  /** How far it has come. */
  readonly state: SaveState
  /** Of the pipeline, if there is one. */
  readonly name?: string
  /** The first few. */
  readonly paths: readonly string[]
  /** Files that changed. */
  readonly files: number
  /** The time the file itself carries; as exact as the clock of its file system, about 4 ms. */
  readonly saved?: number
  /** The first difference was seen. */
  readonly seen?: number
  /** Its build began. */
  readonly started?: number
  /** Its build ended. */
  readonly built?: number
  /** When it was sent to tabs. */
  readonly sent?: number
  /** Number of the change. */
  readonly seq?: number
  /** Connections it was sent to. */
  readonly clients?: number
  /** The server heard that the first tab shows it, and the last one so far. */
  readonly applied?: number
  /** The server heard that the last tab so far shows it. */
  readonly last?: number
  /** Tabs that said so. */
  readonly tabs: number
}

/** Everything that the status page shows. */
export interface StatusMessage extends LiveReloadStatus {
  /** Names the message. */
  readonly type: 'status'
  /** The clock the times of saves are read by. */
  readonly now: number
  /** Milliseconds since the process began. */
  readonly uptime: number
  /** The oldest connections first, as many as the page shows. */
  readonly connections: readonly ClientInfo[]
  /** The newest first. */
  readonly saves: readonly Save[]
  /** The hot plugins; absent when there are none. */
  readonly plugins?: {
    readonly watching: boolean
    /** `title`: a name for people. `failed`: the newest code does not serve. `routes`: how many. */
    readonly list: readonly { readonly name: string, readonly title?: string, readonly version: number, readonly enabled: boolean, readonly serving: boolean, readonly failed: boolean, readonly routes: number }[]
  }
  /** The only transport that pages may use; `auto`: any. */
  readonly forced: 'auto' | Transport
  /** Places can be opened in an editor. */
  readonly editor: boolean
}
