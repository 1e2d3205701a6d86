// Images named by elements: their attributes, and styles of their own.
import type { Plan } from './plan.js'
import { all, type Place } from './places.js'
import { findInStyle } from './rules.js'
import type { Versions } from './versions.js'

const ATTRIBUTES = [
  ['img[src], input[type=image i][src]', 'src'],
  ['img[srcset], source[srcset]', 'srcset'],
  ['video[poster]', 'poster'],
  ['[background]', 'background'],
  ['image, use, feImage', 'href']
] as const
/** Milliseconds. */
const PATIENCE = 500
/** An address holds no spaces, and neither begins nor ends with a comma. */
const CANDIDATE = /([^\s,]\S*[^\s,]|[^\s,])((?:\s+[^\s,]+)*\s*(?:,|$))/g

export function findImages (place: Place, versions: Versions, plan: Plan): void {
  for (const [selector, name] of ATTRIBUTES) {
    for (const element of all(place, selector)) {
      // `xlink:href` is one, too.
      for (const attribute of element.attributes) if (attribute.localName === name) lookAt(element, attribute)
    }
  }
  for (const image of all<HTMLImageElement>(place, 'img')) {
    const fresh = versions.freshen(image.currentSrc, image.baseURI)
    if (fresh) plan.load(fresh, 'image', image.crossOrigin)
  }
  for (const icon of all<HTMLLinkElement>(place, 'link[rel~=icon i][href], link[rel~=apple-touch-icon i][href]')) {
    const fresh = versions.freshen(icon.getAttribute('href') as string, icon.baseURI)
    if (!fresh) continue
    // An icon is read when its element is put in.
    const next = icon.cloneNode() as HTMLLinkElement
    next.setAttribute('href', fresh)
    plan.add({ commit: () => icon.replaceWith(next) })
  }
  for (const element of all<HTMLElement>(place, '[style*="url("]')) findInStyle(element.style, element.baseURI, versions, plan)

  function lookAt (element: Element, attribute: Attr): void {
    const { value, localName } = attribute
    const freshen = (address: string): string => {
      const fresh = versions.freshen(address, element.baseURI)
      if (fresh && localName !== 'srcset') plan.load(new URL(fresh, element.baseURI).href, 'image')
      return fresh ?? address
    }
    const fresh = localName === 'srcset' ? value.replace(CANDIDATE, (_, address: string, rest: string) => freshen(address) + rest) : freshen(value)
    if (fresh === value) return
    const commit = () => { attribute.value = fresh }
    plan.add(element.localName === 'use' ? replaceUse(element, attribute, fresh) : { commit })
  }
}

/** What it uses is gone as soon as it has another address: a copy loads that aside. */
function replaceUse (element: Element, { name }: Attr, fresh: string) {
  const next = element.cloneNode() as SVGUseElement
  next.setAttribute(name, fresh)
  next.setAttribute('visibility', 'hidden')
  return {
    async prepare () {
      const settled = new Promise<void>(resolve => {
        for (const event of ['load', 'error']) next.addEventListener(event, () => resolve(), { once: true })
        // Not every browser tells.
        setTimeout(resolve, PATIENCE)
      })
      element.after(next)
      await settled
    },
    commit () {
      element.setAttribute(name, fresh)
      next.remove()
    },
    undo: () => next.remove()
  }
}
