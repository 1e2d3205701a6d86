// What the client asks the document.

/** An element of that name, such as `<form name="hidden">`, takes the place of the document's property. */
export const isHidden = (): boolean => Reflect.get(Document.prototype, 'hidden', document)

/** Calls back at once when the document is parsed already. */
export function whenParsed (callback: () => void): void {
  if (document.readyState === 'loading') addEventListener('DOMContentLoaded', callback)
  else callback()
}
