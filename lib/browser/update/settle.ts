// A link element that loads, or does not.

/** Milliseconds it may take. */
const PATIENCE = 10_000

/** Settles when it has loaded. To be called before it is put in. */
export function settle (link: HTMLLinkElement): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = () => reject(new Error('not loaded'))
    setTimeout(fail, PATIENCE)
    link.addEventListener('load', () => resolve(), { once: true })
    link.addEventListener('error', fail, { once: true })
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
