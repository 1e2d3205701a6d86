import type { BuildCounts, Diagnostic } from './build.js'
import type { Transport } from './transport.js'

/** `epoch:seq`: which server process, and after how many changes. What a reply was made from. */
export type Stamp = `${string}:${number}`

/** A corner of the window. */
export type Corner = 'bottom-right' | 'bottom-left' | 'top-right' | 'top-left'

/** Settings that reach the page in `hello`. */
export interface ClientSettings {
  /** Milliseconds of quiet in the page before a burst of messages is acted on. */
  readonly debounce: number
  /** What a hidden tab does with a reload. */
  readonly hidden: 'wait' | 'reload'
  /** Failed builds are shown over the page. */
  readonly overlay: boolean
  /** Where the status badge is; `false`: there is none. */
  readonly badge: false | { readonly position: Corner }
  /** What people typed, opened and scrolled is put back after a reload; `false`: a page with typed input offers the reload instead. */
  readonly preserve: boolean
  /** What is done about a service worker that answers the page from its cache. */
  readonly serviceWorker: 'warn' | 'bypass'
  /** A page whose HTML has changed is changed in place, where that can be right. */
  readonly morph?: boolean
  /** The server opens files in an editor. */
  readonly editor: boolean
}

/** The last known state of a build. */
export interface BuildStatus {
  /** `idle`: it has not run yet. */
  readonly state: 'idle' | 'started' | 'failed' | 'ok'
  /** Name of the pipeline. */
  readonly name?: string
  /** Errors and warnings of the last run. */
  readonly diagnostics?: readonly Diagnostic[]
  /** Duration of the last run that ended, in milliseconds. */
  readonly ms?: number
  /** What the last good run has made, when its builder counts. */
  readonly counts?: BuildCounts
}

/** The first message on every connection. */
export interface HelloMessage {
  /** Names the message. */
  readonly type: 'hello'
  /** Names one server process; another value means it was restarted. */
  readonly epoch: string
  /** Number of the newest change. */
  readonly seq: number
  /** A build that failed, or else the first one. */
  readonly build: BuildStatus
  /** Settings of the client. */
  readonly client: ClientSettings
  /** The newest changes as they were sent, oldest first: a page that missed only these does not have to reload for others. */
  readonly changes?: readonly ChangeMessage[]
}

/** Pages reload. */
export interface ReloadMessage {
  /** Names the message. */
  readonly type: 'reload'
  /** Number of the change. */
  readonly seq: number
  /** What changed, relative to the working directory; for people, not for decisions. */
  readonly paths?: readonly string[]
  /** The same as URL paths, when each is a file of a root or was named by a page, with the names of rendered pages that concerns: a page that is certain to have used none of them may stay as it is. */
  readonly files?: readonly string[]
  /** URL paths: only pages at one of them reload, any other just takes the number. @default every page */
  readonly urls?: readonly string[]
  /** Another program watches these files too (nodemon, `tsx watch`, `node --watch`, `fastify start -w`), and may restart the server for the same change. */
  readonly mayRestart?: boolean
}

/** An event of the app's own or of a plugin: `app.liveReload.send(event, data)`, heard by `window.__liveReload.on(event)`. */
export interface CustomMessage {
  /** Names the message. */
  readonly type: 'custom'
  /** Name of the event. */
  readonly event: string
  /** What the listener in the page receives. JSON. */
  readonly data?: unknown
}

/** One file that a page can show without a reload. */
export interface Update {
  /**
   * `css`: style sheets, and the fonts they name. `html`: documents, and what the app makes them from; only with `client.morph`.
   * `names`: documents with new names of their style sheets, and nothing else, for those who were given them.
   */
  readonly kind: 'css' | 'image' | 'html' | 'names'
  /** The URL's path as the page sees it. Without a slash at the front it is only how that path ends: the app serves the file itself. */
  readonly path: string
  /** The path it had before: what names that is to name the new one. */
  readonly was?: string
}

/** Pages show changed files in place. */
export interface UpdateMessage {
  /** Names the message. */
  readonly type: 'update'
  /** Number of the change. */
  readonly seq: number
  /** The files, in the order in which they changed. */
  readonly updates: readonly Update[]
}

/** What a change leads to. */
export type ChangeMessage = ReloadMessage | UpdateMessage

/** A build has a new state. */
export interface BuildMessage {
  /** Names the message. */
  readonly type: 'build'
  /** What has happened. */
  readonly state: 'started' | 'progress' | 'failed' | 'ok'
  /** Name of the pipeline. */
  readonly name: string
  /** Steps that are done, with `progress`. */
  readonly done?: number
  /** Steps in all, with `progress`. */
  readonly total?: number
  /** Errors and warnings, with `failed`. */
  readonly diagnostics?: readonly Diagnostic[]
  /** Duration in milliseconds, with `ok`. */
  readonly ms?: number
}

/** The server is closing. */
export interface ClosingMessage {
  /** Names the message. */
  readonly type: 'closing'
}

/** Go on by this transport, if you may choose: somebody wants to see how the other one does. */
export interface ReconnectMessage {
  /** Names the message. */
  readonly type: 'reconnect'
  /** The transport to use. @default the one that the page prefers */
  readonly transport?: Transport
}

/** Everything a page may receive. Unknown types and fields are ignored by both ends. */
export type ServerMessage = HelloMessage | ReloadMessage | UpdateMessage | BuildMessage | ClosingMessage | ReconnectMessage | CustomMessage

/** A tab shows change `seq`. */
export interface AppliedMessage {
  /** Names the message. */
  readonly type: 'applied'
  /** Number of the change. */
  readonly seq: number
  /** How the page came to show it. */
  readonly kind: 'reload' | 'update'
  /** Milliseconds since the message came. */
  readonly ms: number
}

/** Forwarded console of a page. */
export interface LogMessage {
  /** Names the message. */
  readonly type: 'log'
  /** Level of the line in the app's log. */
  readonly level: 'error' | 'warn' | 'info' | 'debug'
  /** With the stack of an error. */
  readonly text: string
  /** Path of the page. */
  readonly url?: string
  /** Tells tabs apart. */
  readonly tab?: string
}

/** The page changed its transport. Sent over the new one. */
export interface FallbackMessage {
  /** Names the message. */
  readonly type: 'fallback'
  /** The transport that was given up. */
  readonly from: Transport
  /** The transport that is used now. */
  readonly to: Transport
  /** `timeout`: it was waited for in vain; `failed`: it ended at once; `forced`: the server asked for it. */
  readonly reason: 'timeout' | 'failed' | 'forced'
}

/** Tries to connect that failed. A page tells of them when it is connected again. */
export interface FailedMessage {
  /** Names the message. */
  readonly type: 'failed'
  /** How many there were since the page told of them last. */
  readonly attempts: number
}

/** Everything a page may send. */
export type PageMessage = AppliedMessage | LogMessage | FallbackMessage | FailedMessage
