// Waits for elements that load something.

const LOAD_TIMEOUT_MS = 10_000

/** Settles when the element has loaded, has failed or has timed out. To be called before the element is inserted. */
export function whenLoaded (element: Element, timeout = LOAD_TIMEOUT_MS): Promise<unknown> {
  return new Promise((resolve, reject) => {
    setTimeout(reject, timeout)
    element.addEventListener('load', resolve)
    element.addEventListener('error', reject)
  })
}

/** Fetches a style sheet before a rule imports it, as no event tells when an import has loaded. */
export async function preloadSheet (href: string): Promise<void> {
  // An SVG document creates links of no namespace, which load nothing.
  const link = Document.prototype.createElementNS.call(document, 'http://www.w3.org/1999/xhtml', 'link') as HTMLLinkElement
  link.rel = 'preload'
  link.as = 'style'
  link.setAttribute('href', href)
  const loaded = whenLoaded(link)
  Document.prototype.querySelector.call(document, ':root')?.append(link)
  await loaded.finally(() => link.remove())
}
