// Short names of browsers for people, from the header User-Agent. It decides nothing.

// The order matters: most browsers also name those that they descend from.
const BROWSERS: readonly (readonly [name: string, version: RegExp])[] = [
  ['Edge', /\bEdg(?:e|A|iOS)?\/(\d+)/],
  ['Opera', /\bOP[RT]\/(\d+)/],
  ['Samsung Internet', /\bSamsungBrowser\/(\d+)/],
  ['Firefox', /\b(?:Firefox|FxiOS)\/(\d+)/],
  ['Chrome', /\b(?:HeadlessChrome|Chrome|Chromium|CriOS)\/(\d+)/],
  ['Safari', /\bVersion\/(\d+).*\bSafari\//]
]
/** The first product of any other client, and the main part of its version: `curl 8`. */
const PRODUCT = /^([\w.+-]{1,30})(?:\/(\d{1,6}))?/
const MAX_LENGTH = 500

/** `Chrome 130`, `Firefox 128`, `Safari 17`, `curl 8`. `undefined` for a client that does not say. */
export function nameBrowser (userAgent: string | undefined): string | undefined {
  const text = userAgent?.slice(0, MAX_LENGTH) ?? ''
  for (const [name, pattern] of BROWSERS) {
    const version = pattern.exec(text)?.[1]
    if (version !== undefined) return `${name} ${version.slice(0, 6)}`
  }
  const [, product, version] = PRODUCT.exec(text) ?? []
  return product === undefined || version === undefined ? product : `${product} ${version}`
}
