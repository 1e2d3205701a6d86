// Drawings of one line, as elements.
const { createElementNS } = Document.prototype
const SPACE = 'http://www.w3.org/2000/svg'

/** 16 by 16. */
export function icon (path: string): Element {
  const svg = createElementNS.call(document, SPACE, 'svg')
  const line = createElementNS.call(document, SPACE, 'path')
  svg.setAttribute('viewBox', '0 0 16 16')
  svg.setAttribute('aria-hidden', 'true')
  line.setAttribute('d', path)
  svg.append(line)
  return svg
}
