// A link or another element that loads, or does not.

/** Settles when it has loaded, or after so many milliseconds. To be called before it is put in. */
export function settle (element: Element, patience = 10_000): Promise<unknown> {
  return new Promise((resolve, reject) => {
    setTimeout(reject, patience)
    element.addEventListener('load', resolve)
    element.addEventListener('error', reject)
  })
}

/** Fetches a sheet ahead of the rule that imports it: rules tell nobody when they are there. */
export async function fetchAhead (href: string): Promise<void> {
  const { createElement, querySelector } = Document.prototype
  const link = createElement.call(document, 'link') as HTMLLinkElement
  link.rel = 'preload'
  link.as = 'style'
  link.setAttribute('href', href)
  const loaded = settle(link)
  querySelector.call(document, ':root')?.append(link)
  await loaded.finally(() => link.remove())
}
