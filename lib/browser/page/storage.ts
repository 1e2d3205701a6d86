// `sessionStorage`, which may be refused (a sandbox) or full.

export function load (key: string): string | null | undefined {
  try {
    return sessionStorage.getItem(key)
  } catch {}
}

/** Returns whether the value was stored. */
export function store (key: string, value: string): boolean {
  try {
    sessionStorage.setItem(key, value)
    return true
  } catch {
    return false
  }
}
