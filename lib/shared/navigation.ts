// Does a person wait for a page here, or does a page ask for a part of itself? Pure.
import { extname } from 'node:path'

export interface Asking {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

const DOCUMENTS = new Set(['document', 'iframe', 'frame', 'embed', 'object'])
const ASSETS = /\.(?:[cm]?[jt]sx?|css|map|json|xml|txt|md|wasm|ico|png|jpe?g|gif|webp|avif|svg|bmp|woff2?|ttf|otf|eot|mp[34]|webm|ogg|wav|pdf|zip|gz|webmanifest)$/i

/** Browsers say so themselves on trustworthy addresses; elsewhere what they accept, and a name without extension, must do. */
export function isNavigation ({ headers }: Asking, name: string): boolean {
  const dest = headers['sec-fetch-dest']
  if (typeof dest === 'string') return DOCUMENTS.has(dest) && !ASSETS.test(name)
  return /text\/html|application\/xhtml\+xml/i.test(String(headers.accept)) && /^(?:\.html?)?$/i.test(extname(name))
}
