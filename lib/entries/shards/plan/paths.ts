// Paths of outputs: relative, with `/`, and never out of their directory.

/** `guide/install.html`; not absolute, without `..`, empty parts, backslashes or NUL. */
export function isSafePath (path: string): boolean {
  // A name of a drive or a stream is no file name on Windows.
  return path !== '' && !/[\\\0:]/.test(path) && path.split('/').every(part => part !== '' && part !== '.' && part !== '..')
}
