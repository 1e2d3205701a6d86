// Finds the trees of the page: the document, open shadow trees, and frames of the same origin.

export type DocumentRoot = Document | ShadowRoot

export function findRoots (): DocumentRoot[] {
  const roots: DocumentRoot[] = [document]
  for (const root of roots) {
    for (const { shadowRoot } of selectAll(root, '*')) if (shadowRoot) roots.push(shadowRoot)
    for (const { contentDocument } of selectAll<HTMLIFrameElement>(root, 'iframe, frame, object')) if (contentDocument) roots.push(contentDocument)
  }
  return roots
}

/** Elements named `querySelectorAll` hide the document's own method. */
export function selectAll<E extends Element = Element> (root: DocumentRoot, selector: string): Iterable<E> {
  const { querySelectorAll } = (root.nodeType === Node.DOCUMENT_NODE ? Document : DocumentFragment).prototype
  return querySelectorAll.call(root, selector) as NodeListOf<E>
}
