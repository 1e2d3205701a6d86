// Addresses in texts: of attributes, and of rules.
import type { Plan } from './plan.js'

/** Where the address stands, when it is not the whole: inside of `url()`; of `srcset` every word will do, as no descriptor is the name of a file; what follows may stand right behind its comma. */
const PLACES: Record<string, RegExp> = { style: /(?<=url\(\s*(["']?))[^\s"'].*?(?=\1\s*\))/gs, srcset: /\s[\d.]+[wxh],|[^\s,]\S*[^\s,]/g }

/** The text with fresh addresses; each is loaded ahead, as absolute as it gets. */
export function freshenText (text: string, kind: string, base: string, plan: Plan, come?: (address: string) => Promise<unknown>): string {
  return text.replace(PLACES[kind] ?? /.+/s, address => {
    const fresh = plan.freshen(address, base)
    // That it can not be loaded ahead is no reason to keep the old one.
    if (fresh && come) plan.waits.push(() => come(new URL(fresh, base).href).catch(() => {}))
    return fresh ?? address
  })
}

export async function loadImage (address: string, crossOrigin: string | null = null): Promise<void> {
  const image = new Image()
  // One that was had without asking is not the same one.
  image.crossOrigin = crossOrigin
  image.src = address
  await image.decode()
}

export const loadFont = (address: string): Promise<unknown> => new FontFace('live-reload', `url("${address}")`).load()
