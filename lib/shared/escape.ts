// Text as HTML, between tags and in quoted attributes.

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

export function escape (text: unknown): string {
  return String(text).replace(/[&<>"']/g, char => ENTITIES[char] as string)
}
