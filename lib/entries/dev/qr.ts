// A QR code in the terminal, for a phone.
import { loadPackage, type Load } from './packages.js'

export type DrawQr = (url: string) => string

interface Uqr {
  renderUnicodeCompact (text: string, options: { border: number }): string
}

// White on black, whatever the colours of the terminal are: cameras do not read it the other way round.
const COLOURS = '\u001b[97;40m'
const RESET = '\u001b[0m'

/** @throws FST_LIVE_RELOAD_NO_PACKAGE */
export async function loadQr (load?: Load): Promise<DrawQr> {
  const { renderUnicodeCompact } = await loadPackage<Uqr>('listen({ qr })', 'uqr', load)
  return url => renderUnicodeCompact(url, { border: 2 }).split('\n').map(line => `${COLOURS}${line}${RESET}\n`).join('')
}
