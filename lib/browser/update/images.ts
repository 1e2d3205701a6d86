// Addresses in attributes: of images, of styles of their own, and of links that show nothing yet.
import { all, type Place } from './places.js'
import { load, type Plan } from './plan.js'
import { settle } from './settle.js'
import { freshenText, loadImage } from './texts.js'

const ELEMENTS = 'img, source, input, video, [background], image, use, feImage, link[rel*=icon i], link[rel~=stylesheet i], [style*="url("]'
/** By the names of both; a link to an image shows none. */
const ATTRIBUTES = /(?<!^a) (?:src|srcset|poster|background|href|style)$/
/** Milliseconds; not every browser tells when a `use` has come. */
const PATIENCE = 500

export function findImages (place: Place, plan: Plan): void {
  for (const element of all<HTMLImageElement & HTMLLinkElement>(place, ELEMENTS)) {
    const { baseURI, currentSrc, crossOrigin, sheet } = element
    if (sheet) continue
    const chosen = currentSrc && plan.freshen(currentSrc, baseURI)
    if (chosen) load(plan, () => loadImage(chosen, crossOrigin))
    // `xlink:href` is one, too.
    for (const attribute of element.attributes) if (ATTRIBUTES.test(`${element.localName} ${attribute.localName}`)) lookAt(element, attribute)
  }

  function lookAt (element: HTMLImageElement, attribute: Attr): void {
    const { localName, name, value } = attribute
    const ahead = localName !== 'srcset' && element.localName !== 'link'
    const fresh = freshenText(value, localName, element.baseURI, plan, ahead ? address => loadImage(address, element.crossOrigin) : undefined)
    if (fresh === value) return
    const commit = () => {
      element.removeAttribute('integrity')
      // Policies forbid the attribute, not this.
      if (localName === 'style') element.style.cssText = fresh
      else attribute.value = fresh
    }
    if (element.localName !== 'use') return plan.commits.push(commit) as never
    // What it uses is gone as soon as it has another address: a copy loads that aside.
    const next = element.cloneNode() as HTMLElement
    next.setAttribute(name, fresh)
    next.setAttribute('visibility', 'hidden')
    plan.waits.push(() => {
      const settled = settle(next, PATIENCE)
      element.after(next)
      return settled.catch(() => {})
    })
    plan.undos.push(() => next.remove())
    plan.commits.push(commit, () => next.remove())
  }
}
