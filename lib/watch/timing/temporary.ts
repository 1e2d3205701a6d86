// Names that editors and tools give a file for a moment: they write it, then move it into place or remove it.
import { basename, dirname, join } from 'node:path'

const TEMPORARY = /^\.|^(?:sed\w{6}|te?mp)|~$|\.(?:te?mp|part|new|bak|old|orig)$/i

/** `isFile` tells whether there is a file at a path: a known name with something added is temporary, too, such as `page.html.3f2a`. */
export function isTemporary (path: string, isFile: (path: string) => boolean): boolean {
  const name = basename(path)
  if (TEMPORARY.test(name)) return true
  return [...name.matchAll(/\W/g)].some(({ index }) => index > 0 && isFile(join(dirname(path), name.slice(0, index))))
}
