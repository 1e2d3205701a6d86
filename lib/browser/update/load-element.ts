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
  const { createElement, querySelector } = Document.prototype
  const link = createElement.call(document, 'link') as HTMLLinkElement
  link.rel = 'preload'
  link.as = 'style'
  link.setAttribute('href', href)
  const loaded = whenLoaded(link)
  querySelector.call(document, ':root')?.append(link)
  await loaded.finally(() => link.remove())
}
