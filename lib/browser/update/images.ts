// Updates addresses in attributes: of images, inline styles, icons, and style sheets that have not loaded.
import { freshenText, loadImage } from './addresses.js'
import { type DocumentRoot, selectAll } from './document-roots.js'
import { loadAside } from './load-aside.js'
import type { Plan } from './plan.js'

const ELEMENTS = 'img, source, input, video, [background], image, use, feImage, link[rel*=icon i], link[rel~=stylesheet i], [style*="url("]'
/** Matches the names of element and attribute. The `href` of `<a>` shows no image. */
const ATTRIBUTES = /(?<!^a) (?:src|srcset|poster|background|href|style)$/
/** Not every browser reports when the file of a `<use>` has loaded. */
const USE_TIMEOUT_MS = 500

export function planImages (root: DocumentRoot, plan: Plan): void {
  for (const element of selectAll<HTMLImageElement & HTMLLinkElement>(root, ELEMENTS)) {
    // By the local name, which `xlink:href` shares with `href`.
    for (const attribute of element.attributes) if (!element.sheet && ATTRIBUTES.test(`${element.localName} ${attribute.localName}`)) planAttribute(element, attribute, plan)
  }
}

function planAttribute (element: HTMLImageElement, attribute: Attr, plan: Plan): void {
  const { localName, name, value } = attribute
  const fresh = freshenText(value, localName, element.baseURI, plan, element.localName === 'link' ? undefined : address => loadImage(address, element.crossOrigin))
  if (fresh === value) return
  plan.commits.push(() => {
    element.removeAttribute('integrity')
    // Policies may forbid the attribute `style`, but not this.
    if (localName === 'style') element.style.cssText = fresh
    else attribute.value = fresh
  })
  // A `<use>` goes blank as soon as its address changes, so a copy loads the file first.
  if (element.localName === 'use' && localName === 'href') plan.loads.push(() => loadUse(element, { [name]: fresh, visibility: 'hidden' }, plan))
}

async function loadUse (element: Element, attributes: Record<string, string>, plan: Plan): Promise<void> {
  const [copy, loaded] = loadAside(element, attributes, plan, USE_TIMEOUT_MS)
  await loaded.catch(() => {})
  plan.commits.push(() => copy.remove())
}
