// A Chromium that npm itself brings: unpacked once per machine, usable without root and without system packages.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const require = createRequire(import.meta.url)

export interface Executable {
  readonly path: string
  readonly env: Record<string, string>
}

/** The package unpacks into the temporary directory, and takes a half-written file for a whole one: so it gets a directory of its own that is moved into place. */
function unpack (home: string, library: string): void {
  const draft = mkdtempSync(`${home}-`)
  // With this name of a runtime it unpacks the shared libraries too.
  const env = { ...process.env, TMPDIR: draft, AWS_LAMBDA_JS_RUNTIME: 'nodejs20.x' }
  try {
    execFileSync(process.execPath, ['-e', 'require(process.argv[1]).executablePath()', library], { env })
    writeFileSync(join(draft, 'fonts.conf'), `<fontconfig><dir>${join(home, 'fonts')}</dir><cachedir>${join(home, 'fonts-cache')}</cachedir></fontconfig>`)
    renameSync(draft, home)
  } catch (error) {
    rmSync(draft, { recursive: true, force: true })
    // Another test file was faster.
    if (!existsSync(home)) throw error
  }
}

/** `undefined` where the package has no program for this system: an installed Chrome has to do. */
export function findChromium (): Executable | undefined {
  if (process.platform !== 'linux') return undefined
  const library = require.resolve('@sparticuz/chromium')
  const { version } = JSON.parse(readFileSync(join(dirname(library), '../../package.json'), 'utf8')) as { version: string }
  const home = join(tmpdir(), `live-reload-chromium-${version}-${process.getuid?.()}`)
  if (!existsSync(home)) unpack(home, library)

  const path = join(home, 'chromium')
  const base: Record<string, string> = existsSync('/etc/fonts/fonts.conf') ? {} : { FONTCONFIG_FILE: join(home, 'fonts.conf') }
  // The system's own libraries first, the package's where they are missing.
  const choices = [base, { ...base, LD_LIBRARY_PATH: join(home, 'al2023/lib') }]
  const env = choices.find(extra => spawnSync(path, ['--version'], { env: { ...process.env, ...extra } }).status === 0)
  return env && { path, env }
}
