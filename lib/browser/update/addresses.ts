// Replaces addresses in the texts of attributes and rules.
import type { Plan } from './plan.js'

/** Where addresses are in a text, when they are not the whole text. Every word of a `srcset` will do: no descriptor is the name of a file. An address may follow a comma at once. */
const PATTERNS: Record<string, RegExp> = { style: /(?<=url\(\s*(["']?))[^\s"'].*?(?=\1\s*\))/gs, srcset: /\s[\d.]+[wxh],|[^\s,]\S*[^\s,]/g }

/** Returns the text with fresh addresses. `load` is called for each of them, as an absolute address, before the text is used. */
export function freshenText (text: string, kind: string, base: string, plan: Plan, load?: (address: string) => Promise<unknown>): string {
  return text.replace(PATTERNS[kind] ?? /.+/s, address => {
    const fresh = plan.freshen(address, base)
    // The old address is no better when the new one fails to load.
    if (fresh && load) plan.loads.push(() => load(new URL(fresh, base).href).catch(() => {}))
    return fresh ?? address
  })
}

export async function loadImage (address: string, crossOrigin: string | null = null): Promise<void> {
  const image = new Image()
  // Browsers cache an image with CORS apart from one without.
  image.crossOrigin = crossOrigin
  image.src = address
  await image.decode()
}

export const loadFont = (address: string): Promise<unknown> => new FontFace('live-reload', `url("${address}")`).load()
