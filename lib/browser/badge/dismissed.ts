// Which failure was closed by hand: it is not shown again, on no page of this tab, until there is another one.

const KEY = 'live-reload-dismissed'

export interface Dismissed {
  is (failure: string): boolean
  add (failure: string): void
  clear (): void
}

/** Short enough for storage. */
const nameOf = (failure: string) => failure.slice(0, 9999)

export function createDismissed (): Dismissed {
  let last: string | null = null
  try {
    last = sessionStorage.getItem(KEY)
  } catch {}

  function keep (value: string | null) {
    last = value
    try {
      if (value === null) sessionStorage.removeItem(KEY)
      else sessionStorage.setItem(KEY, value)
    } catch {}
  }
  return {
    is: failure => last === nameOf(failure),
    add: failure => keep(nameOf(failure)),
    clear: () => keep(null)
  }
}
