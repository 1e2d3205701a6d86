// Has a file changed since it was read? Judged by metadata alone.
import type { Stats } from 'node:fs'

/** Equal for two looks at an unchanged file. The change time covers what keeps size and modification time, such as `touch -r`. */
export function statFingerprint ({ dev, ino, size, mtimeMs, ctimeMs }: Stats): string {
  return `${dev}:${ino}:${size}:${mtimeMs}:${ctimeMs}`
}
