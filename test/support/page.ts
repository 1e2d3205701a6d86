// The one HTML document of the tests.

/** A document that shows its title as text, unless it is given another body. It asks for no icon. */
export const page = (title: string, { head = '', body = title }: { readonly head?: string, readonly body?: string } = {}): string =>
  `<!doctype html><html><head><meta charset="utf-8"><title>${title}</title><link rel="icon" href="data:,">${head}</head><body>${body}</body></html>`

export const PAGE = page('page')
