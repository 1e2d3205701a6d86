// Which failure was closed by hand: it is not shown again, on no page of this tab, until there is another one.

export interface Dismissed {
  is (failure: string): boolean
  add (failure: string): void
  clear (): void
}

/** Short enough for storage. */
const nameOf = (failure: string) => failure.slice(0, 9999)

export function createDismissed (key: string): Dismissed {
  let last: string | null = null
  try {
    last = sessionStorage.getItem(key)
  } catch {}

  function keep (value: string | null) {
    last = value
    try {
      if (value === null) sessionStorage.removeItem(key)
      else sessionStorage.setItem(key, value)
    } catch {}
  }
  return {
    is: failure => last === nameOf(failure),
    add: failure => keep(nameOf(failure)),
    clear: () => keep(null)
  }
}
