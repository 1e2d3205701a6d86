// Addresses in attributes: of images, of styles of their own, and of links that show nothing yet.
import { putAside } from './aside.js'
import { all, type Place } from './places.js'
import type { Plan } from './plan.js'
import { freshenText, loadImage } from './texts.js'

const ELEMENTS = 'img, source, input, video, [background], image, use, feImage, link[rel*=icon i], link[rel~=stylesheet i], [style*="url("]'
/** By the names of both; a link to an image shows none. */
const ATTRIBUTES = /(?<!^a) (?:src|srcset|poster|background|href|style)$/
/** Milliseconds; not every browser tells when a `use` has come. */
const PATIENCE = 500

export function findImages (place: Place, plan: Plan): void {
  for (const element of all<HTMLImageElement & HTMLLinkElement>(place, ELEMENTS)) {
    // `xlink:href` is one, too.
    for (const attribute of element.attributes) if (!element.sheet && ATTRIBUTES.test(`${element.localName} ${attribute.localName}`)) lookAt(element, attribute)
  }

  function lookAt (element: HTMLImageElement, attribute: Attr): void {
    const { localName, name, value } = attribute
    const fresh = freshenText(value, localName, element.baseURI, plan, element.localName === 'link' ? undefined : address => loadImage(address, element.crossOrigin))
    if (fresh === value) return
    plan.commits.push(() => {
      element.removeAttribute('integrity')
      // Policies forbid the attribute, not this.
      if (localName === 'style') element.style.cssText = fresh
      else attribute.value = fresh
    })
    // What it uses is gone as soon as it has another address: a copy loads that aside.
    if (element.localName === 'use' && localName === 'href') plan.waits.push(() => useAside(element, { [name]: fresh, visibility: 'hidden' }))
  }

  async function useAside (element: Element, attributes: Record<string, string>): Promise<void> {
    const [next, loaded] = putAside(element, attributes, plan, PATIENCE)
    await loaded.catch(() => {})
    plan.commits.push(() => next.remove())
  }
}
