// Asks the server to open a place in an editor.
import type { Diagnostic } from '../../../types/build.js'

export interface Door {
  /** Address of the client's own script. */
  readonly base: string
  readonly token: string
}

/** What came of it, in words. */
export async function openPlace ({ file, line, column }: Diagnostic, { base, token }: Door): Promise<string> {
  const url = new URL('open', base)
  url.search = new URLSearchParams({ token }).toString()
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-live-reload-token': token },
      body: JSON.stringify({ file, line, column })
    })
    if (response.ok) return 'Opening in your editor…'
    const { message }: { message?: unknown } = await response.json()
    return `Not opened: ${String(message).slice(0, 200)}`
  } catch {
    return 'Not opened: the server could not be asked'
  }
}
