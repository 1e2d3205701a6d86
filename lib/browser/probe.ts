// A question to a server that may be another process by now.
import type { Page } from './tag.js'
import { ownAddress } from './timing.js'

/** Milliseconds in which a server that is there answers. */
const PATIENCE = 5000
/** A page may take this long before it is gone to unseen; where a process has only begun, longer. */
const UNSEEN = 1000
/** What no page of another site can send: the token may be that of a process that is gone. */
const OURS = { 'x-live-reload': '1' }

/** What `read` makes of an answer, whose body is dropped then; `late` where it takes too long, `undefined` where nobody answers. */
async function ask<T> (url: URL, patience: number, read: (response: Response) => T | Promise<T>, late?: T, headers: Record<string, string> = {}): Promise<T | undefined> {
  const ended = new AbortController()
  const timer = setTimeout(() => ended.abort(), patience)
  try {
    return await read(await fetch(url, { cache: 'no-store', headers, signal: ended.signal }))
  } catch {
    return ended.signal.aborted ? late : undefined
  } finally {
    clearTimeout(timer)
    ended.abort()
  }
}

/** The epoch of whatever answers there now, if it answers as we do. */
export async function askEpoch (base: string): Promise<string | undefined> {
  const health = await ask<{ epoch?: unknown }>(new URL('health', base), PATIENCE, response => response.json())
  return typeof health?.epoch === 'string' ? health.epoch : undefined
}

/** An address of ours that answers what this page's does: every policy that lets us connect lets us ask there. */
export function pageAddress ({ base, token }: Page): URL {
  const url = new URL('page', base)
  const own = ownAddress()
  // What the proxy cut off of ours is the best guess then.
  url.search = `${new URLSearchParams({ token, ...own ? { url: own } : { url: location.pathname + location.search, base: new URL('.', base).pathname } })}`
  return url
}

/** What this page's address answers now. */
export function askPage<T> (page: Page, restarted: boolean, read: (response: Response) => T, late: T): Promise<T | undefined> {
  return ask(pageAddress(page), restarted ? PATIENCE : UNSEEN, read, late, OURS)
}
