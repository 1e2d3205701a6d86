// What one document leaves for the next one, in `sessionStorage`.
import type { ClientMetrics } from '../../../types/client.js'
import { pageAddress } from '../page/navigation.js'
import { load, store } from '../page/storage.js'

/** For the document that the reload brings, whatever its address. */
export interface Handover {
  /** The stamp of the page that asked for the reload, and the stamp it asked for. */
  readonly from: string
  readonly to: string
  /** When the message came. Two documents share only the wall clock. */
  readonly receivedAt: number
  /** Reloads in a row that brought an error of a gateway. */
  readonly tries: number
  /** Why the page reloads, for the console. */
  readonly reason: string
  readonly metrics: ClientMetrics
  /** The page has an import map, so no module may be imported before it. */
  readonly hasImportMap: boolean
}

/** State of one element: index of its keeper, path of the element, value. */
export type Item = readonly [keeper: number, path: string, value: unknown]

/** State of an address. That of an error page is not for the page that works again. */
export type SavedState = readonly [items: readonly Item[], ofErrorPage: boolean]

const HANDOVER_KEY = 'live-reload'
/** A reload that takes longer was something else. */
const MAX_AGE_MS = 60_000

const stateKey = () => `live-reload ${pageAddress()}`

/** Returns what is stored and has not expired. */
function read<T> (key: string): T | undefined {
  try {
    const [until, value] = JSON.parse(load(key) as string)
    return Date.now() < until ? value : undefined
  } catch {}
}

/** Returns whether the value was stored. */
const write = (key: string, value: unknown, until = Date.now() + MAX_AGE_MS): boolean => store(key, JSON.stringify([until, value]))

function take<T> (key: string): T | undefined {
  const value = read<T>(key)
  if (load(key)) sessionStorage.removeItem(key)
  return value
}

export const saveHandover = (handover: Handover): boolean => write(HANDOVER_KEY, handover)
export const takeHandover = (): Handover | undefined => take(HANDOVER_KEY)

/** Whether the address of this page has saved state. */
export const hasState = (): boolean => !!load(stateKey())

/** An error page keeps what is saved already: it waits for the page that works again. Returns false when the state does not fit. */
export function saveState (items: readonly Item[], isErrorPage: boolean): boolean {
  if (isErrorPage && read<SavedState>(stateKey())?.[1] === false) return true
  take(stateKey())
  return items.length === 0 || write(stateKey(), [items, isErrorPage] satisfies SavedState)
}

/** An error page leaves the state of the page that worked, without a time limit. */
export function takeState (isErrorPage: boolean): readonly Item[] {
  const saved = take<SavedState>(stateKey())
  const [items = [], ofErrorPage] = saved ?? []
  if (isErrorPage && ofErrorPage === false) write(stateKey(), saved, Number.MAX_SAFE_INTEGER)
  return ofErrorPage === isErrorPage ? items : []
}
