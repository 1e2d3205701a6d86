// What one document leaves for the next one, in `sessionStorage`.
import type { ClientMetrics } from '../../../types/client.js'
import { pageAddress } from '../page/navigation.js'
import type { PageStorage } from '../page/storage.js'

/** What only our module can tell of a reload. */
export interface HandoverRest {
  /** Why the page reloads, for the console. */
  readonly reason: string
  /** The page has no import map, before which no module may be imported. */
  readonly mayImport?: boolean
  /** Reloads in a row that came right after the one before. */
  readonly streak?: number
}

/** For the document that the reload brings, whatever its address. */
export interface Handover extends HandoverRest {
  /** The stamp of the page that asked for the reload, and the stamp it asked for. */
  readonly step: string
  /** When the message came. Two documents share only the wall clock. */
  readonly receivedAt: number
  /** Reloads in a row that brought an error of a gateway. */
  readonly tries: number
  readonly metrics: ClientMetrics
}

/** State of one element: index of its keeper, path of the element, value. */
export type Item = readonly [keeper: number, path: string, value: unknown]

/** State of an address. That of an error page is not for the page that works again. */
export type SavedState = readonly [items: readonly Item[], ofErrorPage: boolean]

/** It stays as it was written, however old it is by now. */
const NO_LIMIT_MS = 9e15
export const HANDOVER_KEY = 'live-reload'
export const stateKey = () => `live-reload ${pageAddress()}`

/** An error page keeps what is saved already: it waits for the page that works again. Returns false when the state does not fit. */
export function saveState ({ read, take, write }: PageStorage, items: readonly Item[], isErrorPage: boolean): boolean {
  const key = stateKey()
  if (isErrorPage && read<SavedState>(key)?.[1] === false) return true
  take(key)
  return items.length === 0 || write(key, [items, isErrorPage] satisfies SavedState)
}

/** An error page leaves the state of the page that worked, without a time limit. */
export function takeState ({ take, write }: PageStorage, isErrorPage: boolean): readonly Item[] {
  const key = stateKey()
  const saved = take<SavedState>(key)
  const [items = [], ofErrorPage] = saved ?? []
  if (isErrorPage && ofErrorPage === false) write(key, saved, NO_LIMIT_MS)
  return ofErrorPage === isErrorPage ? items : []
}
