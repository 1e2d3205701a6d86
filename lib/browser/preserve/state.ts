// What one document leaves for the next: kept in the session, for this address and for a minute, and taken once.

/** `kind`: the number of its keeper. */
export type Item = readonly [kind: number, place: string, value: unknown]

type State = readonly [url: string, time: number, items: readonly Item[]]

const KEY = 'live-reload-state'
/** Milliseconds: a reload that takes longer was something else. */
const FRESH = 60_000

const address = () => location.href.replace(/#.*/, '')

/** False: the browser refuses to keep it (no storage, too much). */
export function leaveState (items: readonly Item[]): boolean {
  try {
    sessionStorage.setItem(KEY, JSON.stringify([address(), Date.now(), items] satisfies State))
    return true
  } catch {
    return false
  }
}

export function takeState (): readonly Item[] {
  try {
    const text = sessionStorage.getItem(KEY)
    sessionStorage.removeItem(KEY)
    const [url, time, items]: State = JSON.parse(text ?? '')
    return url === address() && Date.now() - time < FRESH ? items : []
  } catch {
    return []
  }
}
