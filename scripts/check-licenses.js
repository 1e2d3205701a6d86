// Fails when a package that apps install with this one, or whose code is bundled into the page, has a license that an app could not ship.
import { readFile } from 'node:fs/promises'

const ALLOWED = new Set(['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', 'ISC', 'MIT'])
/** Development dependencies whose code scripts/page.js puts into the page. */
const BUNDLED = new Set(['idiomorph'])

const { packages } = JSON.parse(await readFile(new URL('../package-lock.json', import.meta.url), 'utf8'))
const shipped = Object.entries(packages)
  .map(([path, { dev, license }]) => ({ name: path.split('node_modules/').at(-1), path, dev, license }))
  .filter(({ name, path, dev }) => path !== '' && (!dev || BUNDLED.has(name)))
const refused = shipped.filter(({ license }) => !ALLOWED.has(license))

for (const { name, license } of refused) console.error(`${name} has the license ${license ?? 'unknown'}, which is none of ${[...ALLOWED].join(', ')}`)
console.log(`${shipped.length} packages that ship, ${refused.length} with a license that is not allowed`)
process.exitCode = refused.length > 0 || shipped.length === 0 ? 1 : 0
