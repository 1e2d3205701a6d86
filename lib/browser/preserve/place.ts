// Where an element is, so that it is found again in the next document: by its id or name, else by its way down from what has one.

/** Every element of the page by its place, in the order of the document; those in open shadow trees as well. */
export function findAll (): Map<string, Element> {
  const found = new Map<string, Element>()
  const numbers: Record<string, number> = {}

  /** `way` leads to the parent, `tree` to the tree it is in: ids and names count in there. */
  function walk (parent: ParentNode, way: string, tree: string) {
    // Not `children`: a field of a form may be named so.
    for (let element = parent.firstElementChild; element; element = element.nextElementSibling) {
      const said = (name: string) => element?.getAttribute(name) ?? ''
      const name = said('id') || said('name')
      // Boxes of one group have one name.
      const value = /^(radio|checkbox)$/.test(said('type')) ? said('value') : ''
      const kind = `${name ? `${tree}#${name}=${value}` : way}>${element.localName}`
      const place = kind + (numbers[kind] = (numbers[kind] ?? 0) + 1)
      found.set(place, element)
      walk(element, place, tree)
      if (element.shadowRoot) walk(element.shadowRoot, place, place)
    }
  }

  walk(document, '', '')
  return found
}
