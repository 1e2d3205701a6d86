// `sessionStorage`, which may be refused (a sandbox) or full. One object: the modules that are loaded later get it from the client.

export type PageStorage = typeof storage

/** What is kept for the next document expires after this time. A reload that takes longer was something else. */
const MAX_AGE_MS = 60_000

function readText (key: string): string | null | undefined {
  try {
    return sessionStorage.getItem(key)
  } catch {}
}

/** Returns whether the value was stored. */
function writeText (key: string, value: string): boolean {
  try {
    sessionStorage.setItem(key, value)
    return true
  } catch {
    return false
  }
}

/** Returns what `write` has stored, unless it has expired. */
function read<T> (key: string): T | undefined {
  try {
    const [until, value] = JSON.parse(readText(key) as string)
    return Date.now() < until ? value : undefined
  } catch {}
}

/** Returns whether the value was stored. */
function write (key: string, value: unknown, until = Date.now() + MAX_AGE_MS): boolean {
  return writeText(key, JSON.stringify([until, value]))
}

/** As `read`, and removes the value. */
function take<T> (key: string): T | undefined {
  const value = read<T>(key)
  if (readText(key)) sessionStorage.removeItem(key)
  return value
}

export const storage = { readText, writeText, read, write, take }
