// Paths of outputs: relative, with `/`, and never out of their directory.

/** What file systems take: most bytes of a name. A longer one would be found when a half of the site is moved. */
const MAX_NAME_BYTES = 255

/** What `isSafePath()` asks for, to be read after "a path" or "paths". */
export const SAFE = `within the output directory, each part at most ${MAX_NAME_BYTES} bytes long`

/** `guide/install.html`; not absolute, without `..`, empty parts, backslashes or NUL. */
export function isSafePath (path: string): boolean {
  // A name of a drive or a stream is no file name on Windows.
  return path !== '' && !/[\\\0:]/.test(path) && path.split('/').every(part => part !== '' && part !== '.' && part !== '..' && Buffer.byteLength(part) <= MAX_NAME_BYTES)
}
