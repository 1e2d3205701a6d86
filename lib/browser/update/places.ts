// Every tree of the page that can be looked into: the document, open shadow trees, frames of the same origin.

export type Place = Document | ShadowRoot

export function findPlaces (): Place[] {
  const places: Place[] = [document]
  for (const place of places) {
    for (const element of all(place, '*')) {
      if (element.shadowRoot) places.push(element.shadowRoot)
      const inner = documentIn(element)
      if (inner) places.push(inner)
    }
  }
  return places
}

/** Elements named `querySelectorAll` hide the document's own property. */
export function all<E extends Element = Element> (place: Place, selector: string): Iterable<E> {
  const { querySelectorAll } = place.nodeType === Node.DOCUMENT_NODE ? Document.prototype : DocumentFragment.prototype
  return querySelectorAll.call(place, selector) as NodeListOf<E>
}

function documentIn (element: Element): Document | null {
  return /^(?:iframe|frame|object)$/.test(element.localName) ? (element as HTMLIFrameElement).contentDocument : null
}
