// Addresses of our routes that take messages or give them. The server tells by `tab` which posts belong to which connection.
import type { Page } from '../page/tag.js'

export function addressOf ({ base, token, tab }: Page, route: string, query: object): URL {
  return new URL(`${route}?${new URLSearchParams({ token, tab, ...query } as object as Record<string, string>)}`, base)
}
