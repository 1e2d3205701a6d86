// Paths that find an element again in the next document: from the nearest ancestor with an id or a name.

/** All elements of the page by their path, in document order, with those in open shadow trees. */
export function elementsByPath (): Map<string, Element> {
  const found = new Map<string, Element>()
  const counts: Record<string, number> = {}

  /** `tree`: path of the shadow tree, as ids and names count within a tree. */
  function walk (parent: ParentNode, parentPath: string, tree: string) {
    // Not `children`: a form field may be named like that.
    for (let element = parent.firstElementChild; element; element = element.nextElementSibling) {
      const attribute = (name: string) => element?.getAttribute(name) ?? ''
      const name = attribute('id') || attribute('name')
      // Radio buttons of one group share a name.
      const value = /^(radio|checkbox)$/.test(attribute('type')) ? attribute('value') : ''
      const key = `${name ? `${tree}#${name}=${value}` : parentPath}>${element.localName}`
      const path = key + (counts[key] = (counts[key] ?? 0) + 1)
      found.set(path, element)
      walk(element, path, tree)
      if (element.shadowRoot) walk(element.shadowRoot, path, path)
    }
  }

  walk(document, '', '')
  return found
}
