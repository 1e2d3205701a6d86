// Every tree of the page that can be looked into: the document, open shadow trees, frames of the same origin.

export type Place = Document | ShadowRoot

export function findPlaces (): Place[] {
  const places: Place[] = [document]
  for (const place of places) {
    for (const { shadowRoot } of all(place, '*')) if (shadowRoot) places.push(shadowRoot)
    for (const { contentDocument } of all<HTMLIFrameElement>(place, 'iframe, frame, object')) if (contentDocument) places.push(contentDocument)
  }
  return places
}

/** Elements named `querySelectorAll` hide the document's own property. */
export function all<E extends Element = Element> (place: Place, selector: string): Iterable<E> {
  const { querySelectorAll } = place.nodeType === Node.DOCUMENT_NODE ? Document.prototype : DocumentFragment.prototype
  return querySelectorAll.call(place, selector) as NodeListOf<E>
}
