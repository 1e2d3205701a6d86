export interface SyntheticOptions {
  /** Files of Markdown. @default 500 */
  pages?: number
  /** @default ['v1', 'v2', 'latest'] */
  versions?: readonly string[]
  /** Of each version. @default 8 */
  sections?: number
  /** @default 1 */
  seed?: number
}
export function writeSite (dir: string, options?: SyntheticOptions): string[]
export function pageText (seed: number, number: number, section: string, links: readonly string[]): string
export function numberOf (path: string): number
export function isIncluding (number: number): boolean
