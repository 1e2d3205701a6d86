// Asks the document, also where an element named like its property hides that, as `<form name="hidden">` does.

export const isHidden = (): boolean => Reflect.get(Document.prototype, 'hidden', document)

/** Calls back at once when the document is parsed already. */
export function whenParsed (callback: () => void): void {
  if (document.readyState === 'loading') addEventListener('DOMContentLoaded', callback)
  else callback()
}
